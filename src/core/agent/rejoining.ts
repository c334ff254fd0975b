/**
 * A host that lost its lease may be on the wrong side of a split, with clients that still know its MAC. It asks that side
 * over and over who has what it lost: the first question that gets through tells the new holder that the split has
 * healed, and the holder announces itself at once, so that no client stays with the wrong host. One that goes on by the
 * confirmations of its peers asks as well: should somebody have been given its VIPs all the same, it lets go.
 */
import { addMs, type Monotonic } from '../time.ts';
import type { AgentConfig, AgentEffect, AgentState, AgentStep } from './agent-state.ts';
import type { BoundAddress } from './agent-memory.ts';
import { addressOf } from './bindings.ts';

/** One question per interface and family this often: clients wait no longer for a split that heals. */
const ASK_EVERY_MS = 25;
/** Neighbour caches are younger than that. */
const ASK_FOR_MS = 600_000;
/** Holders answer a question with announcements at most this often. */
const ANSWER_EVERY_MS = 1_000;

/** Addresses in one question. */
const ASKED_AT_ONCE = 8;

export interface Rejoining {
  /** Asked for in turns. */
  readonly addresses: readonly BoundAddress[];
  readonly from: number;
  readonly askAt: Monotonic;
  readonly until: Monotonic;
}

/** After the lease has ended: what to ask for. One VIP stands for all that its new holders have on that network. */
export function startAsking(lost: readonly BoundAddress[], now: Monotonic): Rejoining | undefined {
  const perNetwork = new Map(lost.map((item) => [`${item.interface} ${item.vip.includes(':')}`, addressOf(item)]));
  if (perNetwork.size === 0) return undefined;
  return startAskingAll([...perNetwork.values()], now);
}

/** Each of these. */
export const startAskingAll = (addresses: readonly BoundAddress[], now: Monotonic): Rejoining => ({
  addresses,
  from: 0,
  askAt: addMs(now, ASK_EVERY_MS),
  until: addMs(now, ASK_FOR_MS),
});

export function ask(state: AgentState, now: Monotonic): AgentStep {
  const { rejoining } = state;
  if (!rejoining || now < rejoining.askAt) return [state, []];
  if (now >= rejoining.until) return [{ ...state, rejoining: undefined }, []];
  const { addresses, from } = rejoining;
  const end = from + ASKED_AT_ONCE;
  const next = {
    ...state,
    rejoining: { ...rejoining, from: end < addresses.length ? end : 0, askAt: addMs(now, ASK_EVERY_MS) },
  };
  return [next, [{ kind: 'probe', addresses: addresses.slice(from, end) }]];
}

/** Somebody asks for a VIP that we hold: what we hold on that interface is announced. */
export function asked(state: AgentState, name: string, now: Monotonic, config: AgentConfig): AgentStep {
  const last = state.answeredAt.get(name);
  if (last !== undefined && now - last < ANSWER_EVERY_MS) return [state, []];
  const addresses = [...state.bound.values()].filter((item) => item.interface === name).map(addressOf);
  if (addresses.length === 0) return [state, []];
  const effects: AgentEffect[] = [
    { kind: 'announce', addresses },
    {
      kind: 'log',
      level: 'info',
      message: 'a host asks for a VIP that is held here: announcing again',
      fields: { node: config.node, interface: name, vips: addresses.length },
    },
  ];
  return [{ ...state, answeredAt: new Map(state.answeredAt).set(name, now) }, effects];
}
