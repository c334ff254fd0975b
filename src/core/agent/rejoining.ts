/**
 * A host that lost its lease, or VIPs because nobody answers it on the service network, may be on the wrong side of a split,
 * with clients that still know its MAC. It asks that side over and over who has what it lost: the first question that
 * gets through tells the new holder that the split has healed, and the holder announces itself at once, so that no client
 * stays with the wrong host. One that goes on by the confirmations of its peers asks as well: should somebody have been
 * given its VIPs all the same, it lets go.
 */
import type { VipAddress } from '../ids.ts';
import { addMs, type Monotonic } from '../time.ts';
import { type AgentConfig, type AgentEffect, type AgentState, type AgentStep, hasLease } from './agent-state.ts';
import type { BoundAddress } from './agent-memory.ts';
import { addressOf } from './bindings.ts';

/** One question per interface and family this often: clients wait no longer for a split that heals. */
const ASK_EVERY_MS = 25;
/** Neighbour caches are younger than that. */
const ASK_FOR_MS = 600_000;
/** Holders answer the questions of one host on one interface with announcements at most this often. */
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

/** What to ask for: one VIP stands for all that its new holders have on that network. */
export function startAsking(lost: readonly BoundAddress[], now: Monotonic): Rejoining | undefined {
  const perNetwork = new Map(lost.map((item) => [networkOf(item), addressOf(item)]));
  return perNetwork.size === 0 ? undefined : startAskingAll([...perNetwork.values()], now);
}

/** Each of these. */
export const startAskingAll = (addresses: readonly BoundAddress[], now: Monotonic): Rejoining => ({
  addresses,
  from: 0,
  askAt: addMs(now, ASK_EVERY_MS),
  until: addMs(now, ASK_FOR_MS),
});

/** @param taken by an assignment. What was asked for before is asked for on. */
export function askForTaken(state: AgentState, taken: readonly BoundAddress[], now: Monotonic): Rejoining | undefined {
  const lost = taken.filter((item) => isSplit(state, item.interface));
  return lost.length === 0 ? state.rejoining : startAsking([...(state.rejoining?.addresses ?? []), ...lost], now);
}

const networkOf = ({ interface: name, vip }: BoundAddress): string => `${name} ${vip.includes(':')}`;

/** Nobody answers there, or not for long enough again. */
function isSplit({ health }: AgentState, name: string): boolean {
  const reach = health.reaching.tracks.get(name)?.state;
  return reach === 'Suspect' || reach === 'Silent';
}

export function ask(state: AgentState, now: Monotonic): AgentStep {
  const { rejoining } = state;
  if (!rejoining || now < rejoining.askAt) return [state, []];
  // With a lease there is nothing to learn on a network that is whole.
  const isOpen = (item: BoundAddress): boolean => !state.bound.has(item.vip) && isSplit(state, item.interface);
  const addresses = hasLease(state, now) ? rejoining.addresses.filter(isOpen) : rejoining.addresses;
  if (now >= rejoining.until || addresses.length === 0) return [{ ...state, rejoining: undefined }, []];
  const from = rejoining.from < addresses.length ? rejoining.from : 0;
  const end = from + ASKED_AT_ONCE;
  const next = { ...rejoining, addresses, from: end, askAt: addMs(now, ASK_EVERY_MS) };
  return [{ ...state, rejoining: next }, [{ kind: 'probe', addresses: addresses.slice(from, end) }]];
}

/** Somebody has the VIP, and has just been asked for it: he has announced what he holds there. */
export function answered({ rejoining, bound }: AgentState, vip: VipAddress): Rejoining | undefined {
  const network = rejoining?.addresses.find((item) => item.vip === vip);
  // What we hold ourselves is asked for to find rivals.
  if (!rejoining || !network || bound.has(vip)) return rejoining;
  const addresses = rejoining.addresses.filter((item) => networkOf(item) !== networkOf(network));
  return addresses.length === 0 ? undefined : { ...rejoining, addresses };
}

/** Somebody asks for a VIP that we hold: what we hold on that interface is announced. */
export function asked(
  state: AgentState,
  { interface: name, mac }: { readonly interface: string; readonly mac: string },
  now: Monotonic,
  config: AgentConfig,
): AgentStep {
  const recent = [...state.answeredAt].filter(([, at]) => now - at < ANSWER_EVERY_MS);
  const key = `${name} ${mac}`;
  if (recent.some(([asker]) => asker === key)) return [state, []];
  const addresses = [...state.bound.values()].filter((item) => item.interface === name).map(addressOf);
  if (addresses.length === 0) return [state, []];
  const effects: AgentEffect[] = [
    { kind: 'announce', addresses },
    {
      kind: 'log',
      level: 'info',
      message: 'a host asks for a VIP that is held here: announcing again',
      fields: { node: config.node, interface: name, mac, vips: addresses.length },
    },
  ];
  return [{ ...state, answeredAt: new Map([...recent, [key, now]]) }, effects];
}
