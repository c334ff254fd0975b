/** Revocations that were a false alarm (failure model: Node lease and fence). */
import { rightsUnder } from '../hold-bars.ts';
import { isSpent } from '../hold-book.ts';
import { knocks, knownLeases } from '../known-leases.ts';
import { leaseKey, sameLease } from '../lease-name.ts';
import { countsAsRevoked, restoreKey, type Verdicts } from '../lease-verdicts.ts';
import type { MasterState } from '../master.ts';
import type { ControllerId, NodeName, VipAddress } from '../ids.ts';
import type { LeaseName } from '../messages.ts';
import { nodeRestored, type NodeTable } from '../node-table.ts';
import type { Term } from '../term.ts';
import type { Monotonic } from '../time.ts';
import { holdWorld } from './barring.ts';
import { type Claims, claimsOf, heldAlone, heldForCertain, isFromBefore, isUpheld } from './claims.ts';
import type { ControllerConfig, ControllerState, ControllerStep } from './controller-state.ts';
import { withTable } from './lease-table.ts';
import { others, quorum } from './mandate.ts';

/**
 * The master takes revocations back that were a false alarm: the node still knocks, and its lease is not over (failure
 * model: Node lease and fence).
 */
export function restoreFalseAlarms(before: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const { master } = before;
  if (!master || !before.verdicts || !isAnyKnocking(before, before.verdicts, now, config)) return [before, []];
  const { verdicts, closed } = recall(before, before.verdicts, master, now, config);
  let { restores } = verdicts;
  for (const [controller, table] of verdicts.peers) {
    for (const { node, lease, revoked, knocking, restored } of [...table.leases.values()].flat()) {
      if (!revoked || !knocking || closed.has(leaseKey(node, lease))) continue;
      const key = restoreKey(controller, node);
      const pending = restores.get(key);
      if (pending && restored < pending.number) continue;
      restores = new Map(restores).set(key, { node, lease, number: restored + 1 });
    }
  }
  return restoreOwn({ ...before, verdicts: { ...verdicts, restores } }, closed, master.term, now, config);
}

/** Whether any node whose lease was revoked is still heard, here or elsewhere; mostly none is. */
function isAnyKnocking(
  { nodes }: ControllerState,
  { peers }: Verdicts,
  now: Monotonic,
  config: ControllerConfig,
): boolean {
  for (const entry of nodes.values()) if (knocks(entry, now, config.timing)) return true;
  for (const { leases } of peers.values()) {
    for (const list of leases.values()) if (list.some(({ knocking }) => knocking)) return true;
  }
  return false;
}

/** Our own revocation is one of those that count: taken back it counts no more from this instant. */
function restoreOwn(
  state: ControllerState,
  closed: ReadonlySet<string>,
  term: Term,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const known = knownLeases(state.nodes, term, now, config.timing);
  let nodes: NodeTable = state.nodes;
  const changed = known.filter(({ node, lease, knocking, restored }) => {
    if (!knocking || closed.has(leaseKey(node, lease))) return false;
    nodes = nodeRestored(nodes, { node, lease, number: restored + 1 }, term, now) ?? nodes;
    return true;
  });
  if (changed.length === 0) return [state, []];
  return withTable(
    state,
    nodes,
    changed.map(({ node }) => node),
    now,
    config,
  );
}

interface Recall {
  readonly verdicts: Verdicts;
  /** Leases that are not taken up again now. */
  readonly closed: ReadonlySet<string>;
}

/**
 * A lease that is over is over for good, unless its node may hold VIPs by confirmations and none of them was given to
 * others: then it is taken up again where enough of those who revoked it hear the node (failure model: Hold). Of a lease
 * that was over before this reign the nodes themselves have to tell that nobody else holds what its node does.
 */
function recall(
  state: ControllerState,
  verdicts: Verdicts,
  master: MasterState,
  now: Monotonic,
  config: ControllerConfig,
): Recall {
  const { term, holds, commitments } = master;
  const own = knownLeases(state.nodes, term, now, config.timing).filter(({ knocking }) => knocking);
  const elsewhere = [...verdicts.peers.values()].flatMap(({ leases }) => [...leases.values()].flat());
  const knocking = new Map(
    [...own, ...elsewhere.filter((item) => item.knocking)].map((item) => [leaseKey(item.node, item.lease), item]),
  );
  const world = knocking.size > 0 ? holdWorld(state, now, config) : undefined;
  const closed = new Set(verdicts.over);
  let claims: Claims | undefined;
  const taken = new Set<VipAddress>();
  for (const [key, { node, lease }] of knocking) {
    const entry = state.nodes.get(node);
    const over = verdicts.over.has(key);
    const before = isFromBefore(verdicts, node, lease) && !isUpheld(state, verdicts, node, lease, now, config);
    if (!world || !(over || before) || rightsUnder(node, lease, world).length === 0) continue;
    closed.add(key);
    if (over && isSpent(holds, commitments, key, heldForCertain(entry, lease, master))) continue;
    if (!isHeardByMost(state, verdicts, { node, lease }, now, config)) continue;
    if (before) {
      claims ??= claimsOf(state, verdicts, master, now, config);
      const held = entry && heldAlone(entry, lease, claims);
      if (!held || held.some((vip) => taken.has(vip))) continue;
      for (const vip of held) taken.add(vip);
    }
    closed.delete(key);
  }
  return { verdicts: { ...verdicts, over: new Set([...verdicts.over].filter((key) => closed.has(key))) }, closed };
}

/**
 * Whether a majority would acknowledge the lease once those that hear the node have taken it up again. With fewer it would
 * be over at once, as soon as the others report; and over here it is acknowledged no more, and yet not heard as refused.
 */
function isHeardByMost(
  state: ControllerState,
  verdicts: Verdicts,
  { node, lease }: { readonly node: NodeName; readonly lease: LeaseName },
  now: Monotonic,
  config: ControllerConfig,
): boolean {
  const takesUp = (id: ControllerId): boolean => {
    const table = verdicts.peers.get(id);
    if (!table || now >= table.freshUntil) return false;
    const known = table.leases.get(node)?.find((item) => sameLease(item.lease, lease));
    // Who never heard of the node does not acknowledge it either.
    return known !== undefined && (known.knocking || !countsAsRevoked(verdicts, id, node, lease, now));
  };
  const entry = state.nodes.get(node);
  const own = entry && sameLease(entry.lease, lease) && (entry.gone === 'no' || knocks(entry, now, config.timing));
  return others(state, config).filter(takesUp).length + (own ? 1 : 0) >= quorum(state);
}
