/** Whether the service network carries anything, as nodes find out by asking each other. */

/** Whom a node asks on one of its service interfaces. The default gateway of the interface is asked as well. */
export interface Neighbours {
  readonly interface: string;
  /** Service addresses of other nodes that are up: their silence says something. */
  readonly peers: readonly string[];
  /** Service addresses of nodes that the controllers have lost: only that they answer says something. */
  readonly watched: readonly string[];
}

/** Most peers, and most watched ones, on one interface. */
export const MAX_NEIGHBOURS = 3;

export type ReachState =
  /** There is nobody to ask. */
  | 'Alone'
  /** Nobody has ever answered, or not for some rounds yet; perhaps nobody may. */
  | 'Unknown'
  | 'Answered'
  /** Nobody has answered lately, but not for long. */
  | 'Suspect'
  /** Some have answered before, and nobody has for several rounds. */
  | 'Silent';

/** What asking on a service interface has shown. */
export interface Reach {
  readonly interface: string;
  readonly state: ReachState;
}

/**
 * What is known once a node has told. A node that does not know, as after a restart, does not take back that it was cut
 * off. Returns `before` where nothing changes.
 *
 * @param isUsed whether the interface matters still: who has no use for it any more asks nobody there, and never tells again
 */
export function followReach(
  before: readonly Reach[],
  told: readonly Reach[],
  isUsed: (name: string) => boolean,
): readonly Reach[] {
  const silent = silentOn(before);
  const isTold = (name: string): boolean => told.some((item) => item.interface === name);
  const isKept = (name: string): boolean => silent.has(name) && !isTold(name) && isUsed(name);
  const kept = before.filter((item) => isKept(item.interface));
  const now = told.map((item): Reach =>
    item.state === 'Unknown' && silent.has(item.interface) ? { ...item, state: 'Silent' } : item,
  );
  const next = [...kept, ...now];
  const isSame = (item: Reach, i: number): boolean =>
    item.interface === before[i]?.interface && item.state === before[i]?.state;
  return next.length === before.length && next.every(isSame) ? before : next;
}

/** Interfaces that reach nobody any more. */
export const silentOn = (reach: readonly Reach[]): ReadonlySet<string> =>
  new Set(reach.filter(({ state }) => state === 'Silent').map((item) => item.interface));

export function isSameSilence(a: readonly Reach[], b: readonly Reach[]): boolean {
  const [one, other] = [silentOn(a), silentOn(b)];
  return one.size === other.size && [...one].every((name) => other.has(name));
}
