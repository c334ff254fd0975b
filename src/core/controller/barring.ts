/** Asking for bars against leases whose heartbeats are missing, and taking them back (failure model: Hold). */
import { type BarRecord, type HoldWorld, lastLeases, namesOf, rightsUnder } from '../hold-bars.ts';
import { currentRights } from '../hold-pools.ts';
import type { NodeName } from '../ids.ts';
import { leaseKey } from '../lease-name.ts';
import { isRefusedByMost, noVerdicts } from '../lease-verdicts.ts';
import type { Barred, BarRequest, LeaseName } from '../messages.ts';
import type { NodeEntry } from '../node-table.ts';
import { addMs, type Monotonic, NEVER } from '../time.ts';
import type { ControllerConfig, ControllerEffect, ControllerState, ControllerStep } from './controller-state.ts';
import { mayAct, others, quorum } from './mandate.ts';

/** What a master has asked of peers in its reign. */
export interface Barring {
  readonly records: ReadonlyMap<string, BarRecord>;
  /** Sessions that know of the reign: bars of earlier ones are nothing to them. */
  readonly greeted: ReadonlySet<number>;
  /** When the peers are asked again. */
  readonly askAt: Monotonic;
}

export const NO_BARS: Barring = { records: new Map(), greeted: new Set(), askAt: NEVER };

/** What is known of leases that may outlive their end. */
export function holdWorld(state: ControllerState, now: Monotonic, config: ControllerConfig): HoldWorld {
  const { nodes: heard, pools, verdicts = noVerdicts([], now), bars } = state;
  return {
    pools: pools ? currentRights(pools.effective, pools.records, heard) : [],
    heard,
    verdicts,
    bars: bars.records,
    isRefused: (item) =>
      verdicts.over.has(leaseKey(item.node, item.lease)) ||
      isRefusedByMost(heard.get(item.node), verdicts, others(state, config), quorum(state), item, now),
    timing: config.timing,
  };
}

export const barsWakeAt = (state: ControllerState): Monotonic =>
  (state.master ? state.bars.askAt : Number.POSITIVE_INFINITY) as Monotonic;

/** Once per heartbeat: bars are there when the lease is over, and cost no time then. */
export function askForBars(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const { master } = state;
  if (!master || now < state.bars.askAt || !mayAct(state, now)) return [state, []];
  const world = holdWorld(state, now, config);
  const able = [...state.nodes.values()].filter((entry) => entry.gone === 'no');
  const records = new Map<string, BarRecord>();
  const greeted = new Set<number>();
  const effects: ControllerEffect[] = [];
  const say = (session: number, request: Omit<BarRequest, 'term'>): void => {
    effects.push({ kind: 'send', session, message: { kind: 'bar', term: master.term, ...request } });
  };
  for (const { node, lease, session } of world.pools.length > 0 ? able : []) {
    if (session === undefined) continue;
    if (!state.bars.greeted.has(session)) say(session, { node, lease, number: 1, lift: true });
    greeted.add(session);
  }
  for (const node of namesOf(world)) {
    for (const lease of lastLeases(node, world)) {
      const lift = isHeard(state.nodes.get(node), lease, now, config);
      // Mostly nothing was ever barred.
      if (lift && state.bars.records.size === 0) continue;
      const known = state.bars.records.get(leaseKey(node, lease));
      if (lift && !known) continue;
      const peers = new Set(rightsUnder(node, lease, world).flatMap(({ members }) => members));
      peers.delete(node);
      const record = wanted(known, lease, node, lift);
      const told = new Set(record.told);
      for (const peer of able) {
        if (peer.session === undefined || !peers.has(peer.node) || !isOpen(record, peer)) continue;
        say(peer.session, { node, lease, number: record.number, lift });
        told.add(peer.session);
      }
      records.set(leaseKey(node, lease), { ...record, told });
    }
  }
  return [{ ...state, bars: { records, greeted, askAt: addMs(now, config.timing.heartbeatMs) } }, effects];
}

/** Two heartbeats may be missing by chance. */
const isHeard = (
  entry: NodeEntry | undefined,
  lease: LeaseName,
  now: Monotonic,
  { timing }: ControllerConfig,
): boolean =>
  entry?.gone === 'no' &&
  entry.lease.incarnation === lease.incarnation &&
  now - entry.lastHeard <= 2.5 * timing.heartbeatMs;

const wanted = (known: BarRecord | undefined, lease: LeaseName, node: NodeName, lift: boolean): BarRecord =>
  known && known.lift === lift
    ? known
    : { node, lease, number: (known?.number ?? 0) + 1, lift, by: new Map(), told: new Set() };

/** A bar is asked for until it is confirmed; a lift is said once on each stream. */
const isOpen = ({ lift, told, by }: BarRecord, peer: NodeEntry): boolean =>
  lift
    ? peer.session !== undefined && !told.has(peer.session)
    : peer.leaseValid && by.get(peer.node) !== peer.lease.incarnation;

/** A peer has barred what we asked for. */
export function barred(state: ControllerState, peer: NodeEntry, message: Barred): ControllerStep {
  const key = leaseKey(message.node, message.lease);
  const record = state.bars.records.get(key);
  if (!record || record.lift || record.number !== message.number) return [state, []];
  if (message.by.incarnation !== peer.lease.incarnation) return [state, []];
  const by = new Map(record.by).set(peer.node, message.by.incarnation);
  const records = new Map(state.bars.records).set(key, { ...record, by });
  return [{ ...state, bars: { ...state.bars, records }, dirty: true }, []];
}
