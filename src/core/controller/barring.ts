/** Asking for bars against leases whose heartbeats are missing, and taking them back (design 3.7). */
import { type BarRecord, type Bars, lastLeases } from '../hold-bars.ts';
import { isHold } from '../hold-pools.ts';
import { leaseKey } from '../lease-verdicts.ts';
import type { Barred, LeaseName } from '../messages.ts';
import type { NodeEntry } from '../node-table.ts';
import { matchesSelector } from '../pool.ts';
import { addMs, type Monotonic, NEVER } from '../time.ts';
import type { ControllerConfig, ControllerEffect, ControllerState, ControllerStep } from './controller-state.ts';
import { mayAct } from './mandate.ts';

export const NO_BARS: Bars = { records: new Map(), askAt: NEVER };

const holds = ({ pools }: ControllerState): boolean => pools?.effective.some(isHold) ?? false;

export const barsWakeAt = (state: ControllerState): Monotonic =>
  (state.master && holds(state) ? state.bars.askAt : Number.POSITIVE_INFINITY) as Monotonic;

/** Once per heartbeat: bars are there when the lease is over, and cost no time then. */
export function askForBars(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const { master, pools, verdicts } = state;
  if (!master || !pools || !verdicts || now < barsWakeAt(state) || !mayAct(state, now, config)) return [state, []];
  const pool = pools.effective.filter(isHold);
  const inPool = ({ labels }: NodeEntry): boolean => pool.some((item) => matchesSelector(item, labels));
  const peers = [...state.nodes.values()].filter(
    (entry) => entry.gone === 'no' && entry.session !== undefined && inPool(entry),
  );
  const records = new Map<string, BarRecord>();
  const effects: ControllerEffect[] = [];
  const world = { pools: [], heard: state.nodes, verdicts, bars: state.bars, timing: config.timing };
  const names = new Set([...state.nodes.keys(), ...verdicts.inherited.map(({ node }) => node)]);
  for (const { leases } of verdicts.peers.values()) for (const node of leases.keys()) names.add(node);
  for (const node of names) {
    const entry = state.nodes.get(node);
    if (entry?.gone === 'said-goodbye') continue;
    for (const lease of lastLeases(node, world)) {
      const lift = isHeardOf(entry, lease, now, config);
      const record = wanted(state.bars.records.get(leaseKey(node, lease)), lease, node, lift);
      const open = peers.filter((peer) => peer.node !== node && isOpen(record, peer));
      records.set(leaseKey(node, lease), {
        ...record,
        told: new Set([...record.told, ...open.flatMap(({ session }) => session ?? [])]),
      });
      const { number } = record;
      for (const { session } of open) {
        if (session === undefined) continue;
        effects.push({ kind: 'send', session, message: { kind: 'bar', term: master.term, node, lease, number, lift } });
      }
    }
  }
  return [{ ...state, bars: { records, askAt: addMs(now, config.timing.heartbeatMs) } }, effects];
}

/** Two heartbeats may be missing by chance. */
const isHeardOf = (
  entry: NodeEntry | undefined,
  lease: LeaseName,
  now: Monotonic,
  { timing }: ControllerConfig,
): boolean =>
  entry?.gone === 'no' &&
  entry.lease.incarnation === lease.incarnation &&
  now - entry.lastHeard <= 2.5 * timing.heartbeatMs;

const wanted = (known: BarRecord | undefined, lease: LeaseName, node: BarRecord['node'], lift: boolean): BarRecord =>
  known && known.lift === lift
    ? known
    : { node, lease, number: (known?.number ?? 0) + 1, lift, by: new Map(), told: new Set() };

/** A bar is asked for until it is confirmed; a lift is said once on each stream. */
const isOpen = ({ lift, told, by }: BarRecord, peer: NodeEntry): boolean =>
  lift
    ? peer.session !== undefined && !told.has(peer.session)
    : peer.leaseValid && by.get(peer.node) !== peer.lease.incarnation;

export function barred(state: ControllerState, peer: NodeEntry, message: Barred): ControllerStep {
  const key = leaseKey(message.node, message.lease);
  const record = state.bars.records.get(key);
  if (!record || record.lift || record.number !== message.number) return [state, []];
  if (message.by.incarnation !== peer.lease.incarnation) return [state, []];
  const by = new Map(record.by).set(peer.node, message.by.incarnation);
  const records = new Map(state.bars.records).set(key, { ...record, by });
  return [{ ...state, bars: { ...state.bars, records }, dirty: true }, []];
}
