import type { Member } from '../membership.ts';
import { isReady, type NodeEntry } from '../node-table.ts';

/** What placement looks at of all nodes; the same object for as long as nothing of that changes. */
export type Facts = readonly NodeEntry[];

/** `entries` as facts: those of before where nothing differs that placement looks at, such as only a heartbeat. */
export function factsOf(entries: readonly NodeEntry[], before: Facts): Facts {
  const same = entries.length === before.length && entries.every((entry, i) => isAlike(entry, before[i]));
  return same ? before : entries;
}

const isAlike = (a: NodeEntry, b: NodeEntry | undefined): boolean =>
  b !== undefined &&
  (a === b ||
    (a.node === b.node &&
      a.gone === b.gone &&
      a.stableSince === b.stableSince &&
      a.labels === b.labels &&
      a.interfaces === b.interfaces &&
      a.reach === b.reach &&
      isReady(a) === isReady(b)));

/** `members`, or those of before where they are the same. */
export function sameMembers(members: readonly Member[], before: readonly Member[]): readonly Member[] {
  const isSame = (member: Member, other: Member | undefined): boolean =>
    member.node === other?.node && member.labels === other.labels;
  return members.length === before.length && members.every((member, i) => isSame(member, before[i])) ? before : members;
}
