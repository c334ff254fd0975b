/**
 * The controllers that decide together (failure model: Election; Electorate). Every message of authority carries its name;
 * who is configured with another one refuses to act, because disjoint majorities would be two masters.
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
  /** From 1; grows when members change. */
  readonly version: number;
  /** 1, 2, 3 or 5. */
  readonly members: readonly ElectorateMember[];
}

/** "1:9f31c2aa": version and a digest of the members, whatever their order. */
export type ElectorateName = string & { readonly __brand: 'ElectorateName' };

/** Asked for with every message. */
export const electorateName = remembered(({ version, members }: Electorate): ElectorateName => {
  const text = members
    .map(({ id, address }) => `${id}=${address}`)
    .sort()
    .join(',');
  return `${version}:${hashText(text).toString(16).padStart(8, '0')}` as ElectorateName;
});

/**
 * With one or two controllers no majority survives a loss: the lock in etcd alone decides (failure model: One or two
 * controllers).
 */
export const votes = (count: number): boolean => count >= 3;

/** Acknowledgements that make a node lease or an authority; of two controllers only the holder of the lock acknowledges. */
export const quorumOf = (count: number): number => (votes(count) ? Math.floor(count / 2) + 1 : 1);
