/**
 * From the recorded electorate to the wanted one, one member at a time (failure model: Electorate). A controller is announced before
 * it counts, so that agents have connected to it by then. What replaces another one joins before the other one leaves.
 */
import {
  byVotes,
  type Electorate,
  type ElectorateMember,
  everybody,
  isMember,
  membersText,
  names,
  quorumOf,
} from './electorate.ts';
import type { ControllerId } from './ids.ts';

/** Sizes in which a change may end. */
const FINAL_SIZES: readonly number[] = [1, 3, 5];

type Members = readonly ElectorateMember[];

/** Two that were installed as such share the lock: nothing leads from there to votes member by member. */
const isFixed = (electorate: Electorate): boolean => electorate.members.length === 2 && !byVotes(electorate);

/**
 * Why this list is not carried out while that electorate is on record, and what to do instead; undefined where it is: members
 * are only added, only removed, or one is replaced.
 */
export function jumpRefusal(recorded: Electorate, wanted: Members): string | undefined {
  const present = everybody(recorded);
  const added = wanted.filter((member) => !names(present, member));
  const removed = present.filter((member) => !names(wanted, member));
  if (added.length === 0 && removed.length === 0) return undefined;
  const before = membersText(recorded.members);
  if (isFixed(recorded)) {
    return `two controllers that were installed as such stay two: configure ${before} again, or stop all controllers, remove the record in etcd and what is in their --state-dir, and start all of them with the new list`;
  }
  if (!FINAL_SIZES.includes(wanted.length)) {
    return `a change ends with 1, 3 or 5 controllers, not with ${wanted.length}: configure 1, 3 or 5`;
  }
  if (added.length === 0 || removed.length === 0) return undefined;
  if (wanted.length === 1) {
    return `the last controller cannot be replaced: configure three on all controllers, among them ${before} and ${membersText(wanted)}, and then ${membersText(wanted)} alone`;
  }
  if (added.length === 1 && removed.length === 1) return undefined;
  const steps = stepsTo(recorded.members, wanted).join(' then ');
  return `too much would change at once: configure all controllers with one list after the other, each when the electorate has become the one before: ${steps}`;
}

/** Lists that lead there: one replacement at a time, then what is left to add or to remove. */
function stepsTo(from: Members, wanted: Members): string[] {
  const steps: string[] = [];
  const come = wanted.filter((member) => !names(from, member));
  const go = from.filter((member) => !names(wanted, member));
  let list = from;
  for (let index = 0; index < Math.min(come.length, go.length); index++) {
    list = list.map((member) => (member === go[index] ? (come[index] ?? member) : member));
    steps.push(membersText(list));
  }
  return come.length === go.length ? steps : [...steps, membersText(wanted)];
}

/** What a controller said of the electorate not long ago. */
export interface Wish {
  /** Where it says that it is reached: another one of the same id is somebody else. */
  readonly address: string;
  readonly wanted: Members;
  /** Who joins says whether it hears every node that the master hears. */
  readonly hearsAll: boolean;
}

/** Who wants what, ourselves included; who is not in it was not heard lately. */
export type Wishes = ReadonlyMap<ControllerId, Wish>;

export type Step =
  | { readonly kind: 'change'; readonly to: Electorate }
  /** For people: what the change waits for. */
  | { readonly kind: 'wait'; readonly for: string };

const wishOf = (wishes: Wishes, { id, address }: ElectorateMember): Wish | undefined => {
  const wish = wishes.get(id);
  return wish?.address === address ? wish : undefined;
};

/**
 * The next step that a majority of the members wants, or a member that leaves; undefined where everything is as wanted.
 * Whether it may be taken now is for the nodes to say as well.
 */
export function nextStep(electorate: Electorate, wishes: Wishes): Step | undefined {
  const { members, joining } = electorate;
  if (isFixed(electorate)) return undefined;
  const most = Math.floor(members.length / 2) + 1;
  const all = members.flatMap((member) => wishOf(wishes, member) ?? []);
  const isWanted = (member: ElectorateMember): boolean =>
    all.filter(({ wanted }) => names(wanted, member)).length >= most;
  const isUnwanted = (member: ElectorateMember): boolean =>
    all.filter(({ wanted }) => !names(wanted, member)).length >= most;
  if (joining) return goOn(electorate, joining, isUnwanted(joining), wishes);
  /** It is heard, and wants to be one of them. */
  const isThere = (member: ElectorateMember): boolean => names(wishOf(wishes, member)?.wanted ?? [], member);
  const isSilent = (member: ElectorateMember): boolean => wishOf(wishes, member) === undefined;
  const surplus = members.filter(isUnwanted);
  const silent = surplus.filter(isSilent);
  const leavers = members.filter((member) => !isSilent(member) && !isThere(member));
  // Those that are left may be able to decide only without one that is lost.
  if (leavers.length > 0) return firstPossible(electorate, [...leavers, ...silent], wishes);
  const absent = all
    .flatMap((wish) => wish.wanted)
    .filter((member) => isWanted(member) && !isMember(electorate, member.id));
  // Who shall replace somebody comes first.
  const missing = absent.find((member) => !isThere(member));
  const comer = absent.find(isThere);
  // Two decide only together: nobody stops there for want of a third.
  if (missing && (!comer || members.length === 1))
    return { kind: 'wait', for: `${missing.id}, of which nothing is heard` };
  if (comer) return { kind: 'change', to: { version: electorate.version + 1, members, joining: comer } };
  return firstPossible(electorate, [...silent, ...surplus], wishes);
}

/** Without the first of these that can be done without; undefined where there is none of them. */
function firstPossible(electorate: Electorate, gone: readonly ElectorateMember[], wishes: Wishes): Step | undefined {
  const steps = gone.map((member) => without(electorate, member, wishes));
  return steps.find(({ kind }) => kind === 'change') ?? steps[0];
}

/** Who was announced becomes a member once every node has found it; or never, where it is not wanted any more. */
function goOn({ version, members }: Electorate, joining: ElectorateMember, isUnwanted: boolean, wishes: Wishes): Step {
  const wish = wishOf(wishes, joining);
  if (isUnwanted || (wish && !names(wish.wanted, joining))) {
    return { kind: 'change', to: { version: version + 1, members } };
  }
  if (!wish) return { kind: 'wait', for: `${joining.id}, of which nothing is heard` };
  if (!wish.hearsAll) return { kind: 'wait', for: `${joining.id}, which does not hear every node yet` };
  return changeTo({ version: version + 1, members: [...members, joining] }, wishes);
}

const without = ({ version, members }: Electorate, member: ElectorateMember, wishes: Wishes): Step =>
  changeTo({ version: version + 1, members: members.filter((other) => other !== member) }, wishes);

/** Only where those who are left, or have come, can decide together. */
function changeTo(to: Electorate, wishes: Wishes): Step {
  const silent = to.members.filter((member) => wishOf(wishes, member) === undefined);
  if (to.members.length - silent.length >= quorumOf(to)) return { kind: 'change', to };
  const ids = silent.map(({ id }) => id).join(', ');
  return { kind: 'wait', for: `${ids}: without them the next electorate could not decide` };
}

/** What a controller may ask for: as configured, or, where that would be a jump, that everything stays as it is. */
export const carriedOut = (recorded: Electorate, wanted: Members): Members =>
  jumpRefusal(recorded, wanted) === undefined ? wanted : recorded.members;
