import { type Electorate, type ElectorateMember, everybody, names } from '../electorate.ts';
import { jumpRefusal } from '../electorate-change.ts';
import type { ControllerConfig, Standing } from './controller-state.ts';

export function standingIn(
  electorate: Electorate | undefined,
  { self, address, controllers }: Pick<ControllerConfig, 'self' | 'address' | 'controllers'>,
): Standing {
  if (!electorate) return 'unknown';
  if (jumpRefusal(electorate, controllers) !== undefined) return 'refused';
  // Another process of the same id elsewhere is another controller.
  const own = { id: self.id, address };
  if (names(electorate.members, own)) return 'member';
  return electorate.joining && names([electorate.joining], own) ? 'joining' : 'outside';
}

/** Everybody of the electorate, and who else is configured: it may be a member soon, or tell what we have missed. */
export function whomToReach(
  electorate: Electorate | undefined,
  { self, controllers }: Pick<ControllerConfig, 'self' | 'controllers'>,
): readonly ElectorateMember[] {
  const known = electorate ? everybody(electorate) : [];
  const others = controllers.filter(({ id }) => !known.some((member) => member.id === id));
  return [...known, ...others].filter(({ id }) => id !== self.id);
}
