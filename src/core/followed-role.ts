/**
 * Whether a node has the role that a pool follows. That it does not pass the check is no fault of the node, but a role
 * that it loses again and again is damped like a fault: its VIPs would move each time.
 */
import type { CheckState } from './check-state.ts';
import type { CheckName } from './checks.ts';
import { damp, type Damped, heldOffUntil, UNSEEN } from './damping.ts';
import type { Damping } from './health-spec.ts';
import type { NodeName } from './ids.ts';
import { addMs, type Monotonic, NEVER } from './time.ts';

export interface FollowedRole {
  readonly check: CheckName;
  /** Bad: without the role, or held off. */
  readonly damped: Damped;
  /**
   * Perhaps: it is held off, and has had the role for base; that counts where no other node has it. Unclear: there is no
   * verdict yet, and it was not seen to lose the role. Either keeps what it holds.
   */
  readonly has: 'yes' | 'perhaps' | 'unclear' | 'no';
  /** It has the role, but does not count before that. */
  readonly heldOffUntil: Monotonic | undefined;
  /** Something changes by itself then. */
  readonly wakeAt: Monotonic;
}

/** @param found undefined: the check is switched off on this node, and counts as passing */
export function followRole(
  before: FollowedRole | undefined,
  check: CheckName,
  found: Pick<CheckState, 'state' | 'sinceMs'> | undefined,
  damping: Damping,
  now: Monotonic,
): FollowedRole {
  const { state, sinceMs } = found ?? ALWAYS;
  const passes = state === 'Passing';
  const since = addMs(now, -sinceMs);
  // Whoever was never seen with the role has not lost it.
  const unseen = passes ? { ...UNSEEN, wellSince: since, soundSince: since } : { ...UNSEEN, isBad: true };
  const known = before?.check === check ? before.damped : unseen;
  const damped = damp(known, passes ? 'well' : state === 'Pending' ? 'open' : 'bad', damping, now);
  const until = heldOffUntil(damped, damping);
  const perhapsAt = until === undefined ? NEVER : addMs(damped.wellSince ?? NEVER, damping.baseMs);
  const isUnclear = state === 'Pending' && !(damped.isBad && damped.times > 0);
  const whilePassing = until === undefined ? 'yes' : now >= perhapsAt ? 'perhaps' : 'no';
  return {
    check,
    damped,
    has: passes ? whilePassing : isUnclear ? 'unclear' : 'no',
    heldOffUntil: until,
    wakeAt: perhapsAt > now ? perhapsAt : (until ?? END),
  };
}

const ALWAYS = { state: 'Passing', sinceMs: Number.POSITIVE_INFINITY } as const;
const END = Number.POSITIVE_INFINITY as Monotonic;

type Roles = readonly (readonly [NodeName, FollowedRole | undefined])[];

const having = (nodes: Roles, has: FollowedRole['has']): NodeName[] =>
  nodes.flatMap(([node, role]) => (role?.has === has ? [node] : []));

/** Nodes that count as having the role. */
export function withRole(nodes: Roles): NodeName[] {
  const sure = having(nodes, 'yes');
  return sure.length > 0 ? sure : having(nodes, 'perhaps');
}

/** Other nodes that may have it: they keep what they hold, and are given nothing. */
export function perhapsWithRole(nodes: Roles): NodeName[] {
  const heldOff = having(nodes, 'yes').length > 0 ? having(nodes, 'perhaps') : [];
  return [...having(nodes, 'unclear'), ...heldOff];
}
