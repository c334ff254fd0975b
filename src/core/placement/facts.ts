import type { NodeName } from '../ids.ts';
import type { Member } from '../membership.ts';
import { areSameLabels } from '../node-labels.ts';
import { isReady, type NodeEntry } from '../node-table.ts';
import { isAnyQuiet } from './cut-off.ts';

/** What placement looks at of all nodes; the same object for as long as nothing of that changes. */
export interface Facts {
  /** In order of name. */
  readonly entries: readonly NodeEntry[];
  /** The facts that these followed, and the nodes that differ. */
  readonly before: object;
  readonly changed: readonly NodeName[];
  /** Whether any of them misses answers of its neighbours. */
  readonly isAnyQuiet: boolean;
}

export const NO_FACTS: Facts = { entries: [], before: {}, changed: [], isAnyQuiet: false };

/** `entries` as facts: those of before where nothing differs that placement looks at, such as only a heartbeat. */
export function factsOf(entries: readonly NodeEntry[], before: Facts): Facts {
  const isSameList = entries.length === before.entries.length;
  const changed: NodeName[] = [];
  for (const [i, entry] of entries.entries()) {
    const was = before.entries[i];
    if (!isSameList || was?.node !== entry.node)
      return { entries, before: {}, changed: [], isAnyQuiet: isAnyQuiet(entries) };
    if (!isAlike(entry, was)) changed.push(entry.node);
  }
  if (isSameList && changed.length === 0) return before;
  return { entries, before: before.entries, changed, isAnyQuiet: isAnyQuiet(entries) };
}

const isAlike = (a: NodeEntry, b: NodeEntry): boolean =>
  a === b ||
  (a.gone === b.gone &&
    a.stableSince === b.stableSince &&
    a.flaps === b.flaps &&
    a.labels === b.labels &&
    a.interfaces === b.interfaces &&
    a.reach === b.reach &&
    a.leaving === b.leaving &&
    isReady(a) === isReady(b));

/** `members`, or those of before where they are the same. */
export function sameMembers(members: readonly Member[], before: readonly Member[]): readonly Member[] {
  const isSame = (member: Member, other: Member | undefined): boolean =>
    member.node === other?.node && areSameLabels(member.labels, other.labels);
  return members.length === before.length && members.every((member, i) => isSame(member, before[i])) ? before : members;
}
