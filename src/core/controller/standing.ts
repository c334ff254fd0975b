import { type Electorate, type ElectorateMember, everybody, names } from '../electorate.ts';
import { jumpRefusal } from '../electorate-change.ts';
import type { ControllerConfig, Standing } from './controller-state.ts';

type Own = Pick<ControllerConfig, 'self' | 'address' | 'controllers'>;

/**
 * Who we are in that electorate: another process of our id elsewhere is another controller. Who shall be none of them
 * is the one that it was.
 */
export function ownMember(electorate: Electorate, { self, address }: Own): ElectorateMember {
  const known = everybody(electorate).find(({ id }) => id === self.id);
  return { id: self.id, address: address ?? known?.address ?? '' };
}

export function standingIn(electorate: Electorate | undefined, config: Own): Standing {
  if (!electorate) return 'unknown';
  const own = ownMember(electorate, config);
  // Whatever it is configured with: those who decide do not stop for a list that is not carried out.
  if (names(electorate.members, own)) return 'member';
  if (jumpRefusal(electorate, config.controllers) !== undefined) return 'refused';
  return electorate.joining && names([electorate.joining], own) ? 'joining' : 'outside';
}

/** Whether agents are acknowledged: by who joins as well, so that they have found it by the time it counts. */
export const takesPart = (standing: Standing): boolean => standing === 'member' || standing === 'joining';

/** Everybody of the electorate, and who else is configured: it may be a member soon, or tell what we have missed. */
export function whomToReach(
  electorate: Electorate | undefined,
  { self, controllers }: Pick<ControllerConfig, 'self' | 'controllers'>,
): readonly ElectorateMember[] {
  const known = electorate ? everybody(electorate) : [];
  const others = controllers.filter(({ id }) => !known.some((member) => member.id === id));
  return [...known, ...others].filter(({ id }) => id !== self.id);
}
