/**
 * What this controller itself has heard of every agent. All controllers keep one, so that the next master starts warm.
 *
 *   (unknown) --hello--> live <--hello, heartbeat-- silent --no heartbeat for revokeAfterMs--> gone
 *                          |                                                                    ^
 *                          +--------------------------- goodbye --------------------------------+
 *
 * "Gone" is final for that (incarnation, epoch) as long as nobody came back under it: what it held is free. Until then
 * a silent node keeps what it holds, because its lease may still be valid.
 */
import type { Hello, HealthReport, AppliedReport, Heartbeat, InterfaceState, LeaseName } from './messages.ts';
import type { NodeName } from './ids.ts';
import type { Term } from './term.ts';
import { addMs, type Monotonic } from './time.ts';
import { revokeAfterMs, type Timing } from './timing.ts';

export interface NodeEntry {
  readonly node: NodeName;
  /** The stream that speaks for the node; undefined while none is open. */
  readonly session: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly agentVersion: string;
  readonly bootId: string;
  readonly lease: LeaseName;
  /** Whether the agent said with its last heartbeat that it holds a valid lease. */
  readonly leaseValid: boolean;
  /** Highest term that the agent knew with its last heartbeat: it refuses every lower one. */
  readonly highestTerm: Term | undefined;
  readonly lastHeard: Monotonic;
  readonly gone: 'no' | 'lease-ended' | 'said-goodbye';
  readonly interfaces: readonly InterfaceState[];
  /** Undefined until the node reported under its current lease. */
  readonly applied: AppliedReport | undefined;
  /** Since when the node has been up without a break: lease held, no carrier lost. */
  readonly stableSince: Monotonic;
}

export type NodeTable = ReadonlyMap<NodeName, NodeEntry>;

export const sameLease = (a: LeaseName, b: LeaseName): boolean =>
  a.incarnation === b.incarnation && a.epoch === b.epoch;

const replaced = (table: NodeTable, entry: NodeEntry): NodeTable => new Map(table).set(entry.node, entry);

/** Undefined: not yet. Another life of the node may still hold a lease; the agent keeps trying. */
export function nodeSaidHello(table: NodeTable, hello: Hello, session: number, now: Monotonic): NodeTable | undefined {
  const known = table.get(hello.node);
  if (known && known.gone === 'no' && !succeeds(hello.lease, known.lease)) return undefined;
  const continued = known && known.gone === 'no' && sameLease(known.lease, hello.lease) ? known : undefined;
  return replaced(table, {
    node: hello.node,
    session,
    labels: hello.labels,
    agentVersion: hello.agentVersion,
    bootId: hello.bootId,
    lease: hello.lease,
    leaseValid: hello.leaseHeldMs > 0,
    highestTerm: undefined,
    lastHeard: now,
    gone: 'no',
    interfaces: continued?.interfaces ?? [],
    applied: undefined,
    stableSince: continued?.stableSince ?? addMs(now, -hello.leaseHeldMs),
  });
}

/** Within one incarnation a higher epoch proves that everything of the lower one was released. */
const succeeds = (next: LeaseName, current: LeaseName): boolean =>
  next.incarnation === current.incarnation && next.epoch >= current.epoch;

export function nodeHeartbeat(
  table: NodeTable,
  entry: NodeEntry,
  beat: Heartbeat,
  now: Monotonic,
): NodeTable | undefined {
  if (!succeeds(beat.lease, entry.lease)) return undefined;
  const same = sameLease(beat.lease, entry.lease);
  const regained = beat.leaseValid && !entry.leaseValid;
  return replaced(table, {
    ...entry,
    lease: beat.lease,
    leaseValid: beat.leaseValid,
    highestTerm: beat.highestTerm,
    lastHeard: now,
    gone: 'no',
    applied: same ? entry.applied : undefined,
    stableSince: same && entry.gone === 'no' && !regained ? entry.stableSince : now,
  });
}

export function nodeHealth(table: NodeTable, entry: NodeEntry, report: HealthReport, now: Monotonic): NodeTable {
  const lostCarrier = entry.interfaces.some(
    (before) => before.carrier && !report.interfaces.some((after) => after.name === before.name && after.carrier),
  );
  const gainedCarrier = report.interfaces.some(
    (after) => after.carrier && entry.interfaces.some((before) => before.name === after.name && !before.carrier),
  );
  const stableSince = lostCarrier || gainedCarrier ? now : entry.stableSince;
  return replaced(table, { ...entry, interfaces: report.interfaces, stableSince });
}

export function nodeApplied(table: NodeTable, entry: NodeEntry, report: AppliedReport): NodeTable | undefined {
  if (!succeeds(report.lease, entry.lease)) return undefined;
  const leaseValid = sameLease(report.lease, entry.lease) && entry.leaseValid;
  return replaced(table, { ...entry, lease: report.lease, leaseValid, applied: report });
}

export const nodeSaidGoodbye = (table: NodeTable, entry: NodeEntry): NodeTable =>
  replaced(table, { ...entry, gone: 'said-goodbye', leaseValid: false, applied: undefined });

export function sessionClosed(table: NodeTable, session: number): NodeTable | undefined {
  for (const entry of table.values()) {
    if (entry.session === session) return replaced(table, { ...entry, session: undefined });
  }
  return undefined;
}

/** Ends the leases of which nothing was heard for too long. The names of those that ended now come back as well. */
export function endSilentLeases(
  table: NodeTable,
  now: Monotonic,
  timing: Timing,
): { readonly table: NodeTable; readonly ended: readonly NodeName[] } {
  const silent = [...table.values()].filter((entry) => entry.gone === 'no' && now >= deadlineOf(entry, timing));
  if (silent.length === 0) return { table, ended: [] };
  const next = new Map(table);
  for (const entry of silent) next.set(entry.node, { ...entry, gone: 'lease-ended' });
  return { table: next, ended: silent.map((entry) => entry.node) };
}

/** When the next lease ends if its node stays silent. */
export function nextLeaseEnd(table: NodeTable, timing: Timing): Monotonic {
  let earliest = Number.POSITIVE_INFINITY;
  for (const entry of table.values()) {
    if (entry.gone === 'no') earliest = Math.min(earliest, deadlineOf(entry, timing));
  }
  return earliest as Monotonic;
}

const deadlineOf = (entry: NodeEntry, timing: Timing): Monotonic => addMs(entry.lastHeard, revokeAfterMs(timing));

/** May be given VIPs now: heard of, connected, holding a lease, and it told what it holds. */
export const isReady = (entry: NodeEntry): boolean =>
  entry.gone === 'no' && entry.session !== undefined && entry.leaseValid && entry.applied !== undefined;
