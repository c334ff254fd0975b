/**
 * The controllers that decide together (failure model: Election; Electorate). The electorate in force is on record in etcd; it changes by one
 * member at a time, each time with the next version, so that majorities of neighbouring versions have a member in common.
 */
import { hashText } from './hash.ts';
import type { ControllerId } from './ids.ts';
import { remembered } from './remembered.ts';

export interface ElectorateMember {
  readonly id: ControllerId;
  /** host:port where agents and other controllers reach it. */
  readonly address: string;
}

export interface Electorate {
  /** From 1; grows by 1 with each change. */
  readonly version: number;
  /** 1 to 5: whose votes, promises and acknowledgements count. */
  readonly members: readonly ElectorateMember[];
  /** Who is a member from the next version on: agents connect to it already, and nothing that it says counts yet. */
  readonly joining?: ElectorateMember | undefined;
}

/** "1:9f31c2aa": version and a digest of the members, whatever their order. */
export type ElectorateName = string & { readonly __brand: 'ElectorateName' };

const memberText = ({ id, address }: ElectorateMember): string => `${id}=${address}`;

/** "c1=10.0.0.1:7480,c2=10.0.0.2:7480", as people write it. */
export const membersText = (members: readonly ElectorateMember[]): string => members.map(memberText).join(',');

/** Asked for with every message. */
export const electorateName = remembered(({ version, members, joining }: Electorate): ElectorateName => {
  const text = members.map(memberText).sort().join(',') + (joining ? `+${memberText(joining)}` : '');
  return `${version}:${hashText(text).toString(16).padStart(8, '0')}` as ElectorateName;
});

export const versionOf = (name: ElectorateName): number => Number.parseInt(name, 10);

/**
 * Whether members elect the master. With one no majority survives its loss, so that the lock in etcd alone decides
 * (failure model: One or two controllers); so it does with two that were installed as such. Two that a change has led to are on their way from one
 * to three, or back: only both together decide, since either alone would share no member with a majority of the others.
 */
export const byVotes = ({ version, members }: Electorate): boolean =>
  members.length >= 3 || (members.length === 2 && version > 1);

/** Acknowledgements that make a node lease or an authority. Where the lock decides only its holder acknowledges. */
export const quorumOf = (electorate: Electorate): number =>
  byVotes(electorate) ? Math.floor(electorate.members.length / 2) + 1 : 1;

export const isMember = ({ members }: Electorate, id: ControllerId): boolean =>
  members.some((member) => member.id === id);

/** Members, and who is about to be one. */
export const everybody = ({ members, joining }: Electorate): readonly ElectorateMember[] =>
  joining ? [...members, joining] : members;

export const isSameMember = (a: ElectorateMember, b: ElectorateMember): boolean =>
  a.id === b.id && a.address === b.address;

/** Whether the list names this very member. */
export const names = (list: readonly ElectorateMember[], member: ElectorateMember): boolean =>
  list.some((other) => isSameMember(other, member));
