/**
 * What controllers tell each other of the electorate that they want (failure model: Electorate). Only while somebody wants another one
 * than the one in force: who hears of it tells its own.
 */
import { abstains } from '../ballot.ts';
import { type Electorate, type ElectorateMember, electorateName, everybody, names } from '../electorate.ts';
import { carriedOut, type Wishes } from '../electorate-change.ts';
import type { ControllerId, NodeName } from '../ids.ts';
import type { NodeTable } from '../node-table.ts';
import type { ElectorateWish, PeerMessage } from '../peer-messages.ts';
import { remembered } from '../remembered.ts';
import { addMs, type Monotonic } from '../time.ts';
import type { ControllerConfig, ControllerEffect, ControllerState, ControllerStep } from './controller-state.ts';
import { ownMember } from './standing.ts';

type Members = readonly ElectorateMember[];

const TELL_EVERY_MS = 500;
/** Who was not heard for so long may be gone. */
const WISH_LIFE_MS = 2_000;

/** What another controller told last, and when. */
export interface HeardWish {
  readonly wish: ElectorateWish;
  readonly at: Monotonic;
}

/** Asked for several times with every event. */
const carriedOutOf = remembered((electorate: Electorate) =>
  remembered((wanted: Members) => carriedOut(electorate, wanted)),
);

/** Who leaves asks for that and no more; a list that would be a jump is not asked for. */
const wishFor = (electorate: Electorate, wanted: Members, { controllers }: ControllerConfig): Members =>
  wanted === controllers ? carriedOutOf(electorate)(wanted) : wanted;

/** The same members, in whatever order. */
const areSame = remembered((members: Members) =>
  remembered((wish: Members) => members.length === wish.length && members.every((member) => names(wish, member))),
);

/** Whether we want another electorate than the one that is in force. */
function isUnhappy({ electorate, standing, wanted }: ControllerState, config: ControllerConfig): boolean {
  if (!electorate || standing === 'refused') return false;
  if (standing === 'outside') return wanted.some(({ id }) => id === config.self.id);
  const { members, joining } = electorate;
  return joining !== undefined || !areSame(members)(wishFor(electorate, wanted, config));
}

export function wishesWakeAt(state: ControllerState, config: ControllerConfig): Monotonic {
  const isTold = state.wishes.heard.size > 0 || isUnhappy(state, config);
  return (isTold && state.election.phase !== 'stopped' ? state.wishes.tellAt : Number.POSITIVE_INFINITY) as Monotonic;
}

export function tellWishes(before: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  if (now < wishesWakeAt(before, config)) return [before, []];
  const heard = new Map([...before.wishes.heard].filter(([, { at }]) => now - at < WISH_LIFE_MS));
  const state = { ...before, wishes: { heard, tellAt: addMs(now, TELL_EVERY_MS) }, dirty: true };
  const { electorate, standing, wanted } = state;
  // Who abstains can neither join nor decide yet.
  if (!electorate || standing === 'refused' || abstains(state.ballot, now)) return [state, []];
  const wish: PeerMessage = {
    kind: 'wish',
    electorate: electorateName(electorate),
    address: ownMember(electorate, config).address,
    wanted: wishFor(electorate, wanted, config),
    hears: standing === 'joining' ? heardNodes(state.nodes) : [],
  };
  const others = [...everybody(electorate), ...config.controllers].map(({ id }) => id);
  const effects = [...new Set(others)]
    .filter((id) => id !== config.self.id)
    .map((to): ControllerEffect => ({ kind: 'peer', to, message: wish }));
  return [state, effects];
}

const heardNodes = (nodes: NodeTable): NodeName[] =>
  [...nodes.values()].flatMap(({ node, gone, session }) => (gone === 'no' && session !== undefined ? [node] : []));

export function wishHeard(
  state: ControllerState,
  from: ControllerId,
  wish: ElectorateWish,
  now: Monotonic,
): ControllerState {
  const heard = new Map(state.wishes.heard).set(from, { wish, at: now });
  return { ...state, wishes: { ...state.wishes, heard } };
}

/** What is wanted now, as far as it was told by the electorate in force. */
export function currentWishes(
  { wanted, wishes, nodes }: ControllerState,
  electorate: Electorate,
  now: Monotonic,
  config: ControllerConfig,
): Wishes {
  const heard = heardNodes(nodes);
  const { id: own, address } = ownMember(electorate, config);
  const current = new Map([[own, { address, wanted: wishFor(electorate, wanted, config), hearsAll: true }]]);
  for (const [id, { wish, at }] of wishes.heard) {
    if (now - at >= WISH_LIFE_MS) continue;
    const hears = new Set(wish.hears);
    const isCurrent = wish.electorate === electorateName(electorate);
    current.set(id, { ...wish, hearsAll: isCurrent && heard.every((node) => hears.has(node)) });
  }
  return current;
}
