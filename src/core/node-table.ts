/**
 * What this controller itself has heard of every agent. All controllers keep one, so that the next master starts warm.
 *
 *   (unknown) --hello--> acknowledged --no heartbeat for revokeAfterMs--> revoked --higher epoch--> acknowledged
 *                          ^    |                                            |
 *                          |    +--goodbye--> revoked                        |
 *                          +------------------ restore (by the master) ------+
 *
 * A revocation is final for that (incarnation, epoch): a late heartbeat cannot revive a lease that somebody acts on
 * (failure model: Node lease and fence). Another incarnation of a node is let in only after the old one was revoked here.
 */
import { type NodeLease, sameLease } from './lease-name.ts';
import type { CheckState, NetworkState } from './check-state.ts';
import type {
  Capability,
  Hello,
  HealthReport,
  AppliedReport,
  Heartbeat,
  HoldRight,
  HostLoad,
  InterfaceState,
  LeaseName,
} from './messages.ts';
import type { NodeName } from './ids.ts';
import { type Labels, labelsOf } from './node-labels.ts';
import { followReach, isSameSilence, type Reach } from './neighbours.ts';
import { type Flaps, flapsHeard, flapsOfLease, NO_FLAPS } from './node-flaps.ts';
import type { Restore } from './peer-messages.ts';
import type { Pool } from './pool.ts';
import { isUsed } from './pool-interfaces.ts';
import { SharedMap } from './shared-map.ts';
import { compareTerms, type Term } from './term.ts';
import { addMs, type Monotonic, NEVER } from './time.ts';
import { revokeAfterMs, type Timing } from './timing.ts';

export interface NodeEntry {
  readonly node: NodeName;
  /** The stream that speaks for the node; undefined while none is open. */
  readonly session: number | undefined;
  /** When the last one ended; undefined while one is open, or where none was. */
  readonly closedAt?: Monotonic | undefined;
  readonly labels: Labels;
  /** Those of its agent's configuration. */
  readonly ownLabels: Labels;
  readonly agentVersion: string;
  readonly bootId: string;
  readonly lease: LeaseName;
  /** Whether the agent said with its last heartbeat that it holds a valid lease. */
  readonly leaseValid: boolean;
  /** Highest term that the agent knew with its last heartbeat: it refuses every lower one. */
  readonly highestTerm: Term | undefined;
  /** Nothing that the agent may hold under the lease rests on an earlier version of the electorate, as it said last; 0: unknown. */
  readonly electorate: number;
  readonly lastHeard: Monotonic;
  /** Anything but 'no': the lease is revoked here, and its heartbeats are refused. */
  readonly gone: 'no' | 'lease-ended' | 'said-goodbye';
  /** Last heartbeat for the lease after it was revoked. */
  readonly knockedAt: Monotonic;
  /** The newest restoration that was obeyed. */
  readonly restored: { readonly term: Term; readonly number: number } | undefined;
  /** Leases of earlier incarnations, all revoked here. */
  readonly past: readonly LeaseName[];
  /** Pools of which it may hold something beyond the lease, as it said last. */
  readonly holds: readonly HoldRight[];
  /** Number of the newest health report of the session; 0 before the first. */
  readonly healthNumber: number;
  /** When it arrived. */
  readonly healthAt: Monotonic;
  readonly interfaces: readonly InterfaceState[];
  readonly fence: Capability | undefined;
  /** Undefined: nobody asked for it, or nothing is known yet. */
  readonly realtime: Capability | undefined;
  /** Of the newest health report, as are the two networks; what the node checks is its own to tell. */
  readonly checks: readonly CheckState[];
  /** Undefined before the first report. */
  readonly management: NetworkState | undefined;
  readonly service: NetworkState | undefined;
  /** How much of the host is used; undefined where nobody told. */
  readonly load?: HostLoad | undefined;
  /** What asking neighbours has shown; the same object for as long as it is the same. */
  readonly reach: readonly Reach[];
  readonly answering: readonly string[];
  /** It is given nothing more, and what it holds goes elsewhere: its agent is about to stop. */
  readonly leaving: boolean;
  /** Where the agent answers its peers on the management network; empty: nowhere. */
  readonly witnessAddress: string;
  readonly answersMulticast: boolean;
  /** Undefined until the node reported under its current lease. */
  readonly applied: AppliedReport | undefined;
  /** Since when the node has held its lease. */
  readonly leaseSince: Monotonic;
  /** Since when the node has been up without a break: lease held, no carrier lost where its pools need one. */
  readonly stableSince: Monotonic;
  /** How often it has failed of late. */
  readonly flaps: Flaps;
}

export type NodeTable = ReadonlyMap<NodeName, NodeEntry>;

const replaced = (table: NodeTable, entry: NodeEntry): NodeTable => SharedMap.of(table).with(entry.node, entry);

/** Earlier incarnations that are remembered; one more than an agent can start within the life of a reported revocation. */
const PAST_KEPT = 16;

/**
 * Undefined: not yet. Another life of the node may still hold a lease; the agent keeps trying.
 *
 * @param ofHost labels that the cluster gives its host
 */
export function nodeSaidHello(
  table: NodeTable,
  hello: Hello,
  session: number,
  now: Monotonic,
  ofHost?: Labels,
  pools?: readonly Pool[],
): NodeTable | undefined {
  const known = table.get(hello.node);
  const sameLife = known?.lease.incarnation === hello.lease.incarnation;
  // A life that another one has followed is over for good.
  if (known?.past.some(({ incarnation }) => incarnation === hello.lease.incarnation)) return undefined;
  if (known && (sameLife ? hello.lease.epoch < known.lease.epoch : known.gone === 'no')) return undefined;
  const continued = known && sameLease(known.lease, hello.lease) ? known : undefined;
  const entry = unheardNode(hello.node, hello.lease, {
    session,
    labels: labelsOf(hello.labels, ofHost),
    ownLabels: hello.labels,
    agentVersion: hello.agentVersion,
    bootId: hello.bootId,
    leaseValid: hello.leaseHeldMs > 0,
    electorate: continued?.electorate ?? 0,
    lastHeard: continued?.gone === 'no' ? continued.lastHeard : now,
    gone: continued?.gone ?? 'no',
    restored: continued?.restored,
    holds: continued?.holds ?? [],
    past: sameLife || !known ? (known?.past ?? []) : [...known.past, known.lease].slice(-PAST_KEPT),
    healthNumber: continued?.session === session ? continued.healthNumber : 0,
    healthAt: continued?.healthAt ?? now,
    interfaces: continued?.interfaces ?? [],
    fence: continued?.fence,
    realtime: continued?.realtime,
    checks: continued?.checks ?? [],
    management: continued?.management,
    service: continued?.service,
    load: continued?.load,
    // Whoever starts again has forgotten who used to answer.
    reach: known?.reach ?? [],
    answering: continued?.answering ?? [],
    witnessAddress: hello.witnessAddress,
    answersMulticast: hello.answersMulticast,
    leaseSince: continued?.leaseSince ?? addMs(now, -hello.leaseHeldMs),
    stableSince: continued?.stableSince ?? addMs(now, -hello.leaseHeldMs),
    flaps: flapsOfLease(table, known, hello.lease, pools, now),
  });
  return replaced(table, entry);
}

/** Within one incarnation a higher epoch proves that everything of the lower one was released. */
const succeeds = (next: LeaseName, current: LeaseName): boolean =>
  next.incarnation === current.incarnation && next.epoch >= current.epoch;

/**
 * A node of which nothing is known but its lease: from another controller, or from an earlier run of this one. Every entry
 * begins as one: thousands of them are copied in a second, which is fast where all have the same fields.
 */
export const unheardNode = (node: NodeName, lease: LeaseName, over: Partial<NodeEntry>): NodeEntry => ({
  node,
  session: undefined,
  labels: {},
  ownLabels: {},
  agentVersion: '',
  bootId: '',
  lease,
  leaseValid: false,
  highestTerm: undefined,
  electorate: 0,
  lastHeard: NEVER,
  gone: 'no',
  knockedAt: NEVER,
  restored: undefined,
  holds: [],
  past: [],
  healthNumber: 0,
  healthAt: NEVER,
  interfaces: [],
  fence: undefined,
  realtime: undefined,
  checks: [],
  management: undefined,
  service: undefined,
  load: undefined,
  reach: [],
  answering: [],
  leaving: false,
  witnessAddress: '',
  answersMulticast: false,
  applied: undefined,
  leaseSince: NEVER,
  stableSince: NEVER,
  flaps: NO_FLAPS,
  closedAt: undefined,
  ...over,
});

/** A heartbeat for a lease that is not revoked here: it may be acknowledged. Undefined where it may not. */
export function nodeHeartbeat(
  table: NodeTable,
  entry: NodeEntry,
  beat: Heartbeat,
  now: Monotonic,
  pools?: readonly Pool[],
): NodeTable | undefined {
  if (!succeeds(beat.lease, entry.lease)) return undefined;
  const same = sameLease(beat.lease, entry.lease);
  if (same && entry.gone !== 'no') return undefined;
  const regained = beat.leaseValid && !entry.leaseValid;
  return replaced(table, {
    ...entry,
    lease: beat.lease,
    leaseValid: beat.leaseValid,
    highestTerm: beat.highestTerm,
    electorate: beat.restsOn,
    lastHeard: now,
    gone: 'no',
    applied: same ? entry.applied : undefined,
    restored: same ? entry.restored : undefined,
    holds: same ? entry.holds : [],
    leaseSince: same && !regained ? entry.leaseSince : now,
    stableSince: same && !regained ? entry.stableSince : now,
    flaps: same ? entry.flaps : flapsOfLease(table, entry, beat.lease, pools, now),
  });
}

/** A heartbeat that is refused: the master may hear that the node is alive. */
export const nodeKnocked = (table: NodeTable, entry: NodeEntry, beat: Heartbeat, now: Monotonic): NodeTable =>
  sameLease(beat.lease, entry.lease)
    ? replaced(table, { ...entry, leaseValid: beat.leaseValid, highestTerm: beat.highestTerm, knockedAt: now })
    : table;

/** The master takes a revocation back: counted anew from now on (failure model: Node lease and fence). */
export function nodeRestored(
  table: NodeTable,
  { node, lease, number }: Restore,
  term: Term,
  now: Monotonic,
): NodeTable | undefined {
  const entry = table.get(node);
  if (!entry || entry.gone === 'no' || !sameLease(entry.lease, lease)) return undefined;
  const done = entry.restored && compareTerms(entry.restored.term, term) === 0 ? entry.restored.number : 0;
  if (number <= done) return undefined;
  const restored = { term, number };
  // Who left does not come back. The number is told all the same: the master counts our word no more until it reads it.
  if (entry.gone === 'said-goodbye') return replaced(table, { ...entry, restored });
  return replaced(table, { ...entry, gone: 'no', lastHeard: now, restored, knockedAt: NEVER });
}

/**
 * A lease that was never acknowledged here, and shall not be: its node may hold what was given to others (!). It changes
 * nothing where the lease is known, or another life of the node: that one may have followed.
 */
export function leaseSpent(table: NodeTable, { node, lease }: NodeLease): NodeTable {
  const known = table.get(node);
  if (!known) return replaced(table, unheardNode(node, lease, { gone: 'lease-ended' }));
  const isLater = known.lease.incarnation === lease.incarnation && known.lease.epoch < lease.epoch;
  return isLater && known.gone !== 'no' ? replaced(table, { ...known, lease, gone: 'lease-ended' }) : table;
}

/**
 * Undefined: a newer report has overtaken this one.
 *
 * @param pools undefined: nobody knows them yet, and each interface counts
 */
export function nodeHealth(
  table: NodeTable,
  entry: NodeEntry,
  report: HealthReport,
  now: Monotonic,
  pools?: readonly Pool[],
): NodeTable | undefined {
  if (report.number < entry.healthNumber) return undefined;
  const hasCarrier = (name: string): boolean => report.interfaces.some((link) => link.name === name && link.carrier);
  const isFlipped = entry.interfaces.some(
    (link) => link.carrier !== hasCarrier(link.name) && (pools === undefined || isUsed(link, entry, pools)),
  );
  const reach = followReach(entry.reach, report.reach, (name) => isUsedNow(name, { ...entry, ...report }, pools));
  const isSteady = !isFlipped && isSameSilence(entry.reach, reach);
  const { number: healthNumber, load, leaving } = report;
  const after: NodeEntry = {
    ...entry,
    healthNumber,
    healthAt: now,
    interfaces: kept(entry.interfaces, report.interfaces),
    fence: kept(entry.fence, report.fence),
    realtime: kept(entry.realtime, report.realtime),
    checks: kept(entry.checks, report.checks),
    management: kept(entry.management, report.management),
    service: kept(entry.service, report.service),
    load,
    reach,
    answering: kept(entry.answering, report.answering),
    leaving,
    stableSince: isSteady ? entry.stableSince : now,
  };
  return replaced(table, { ...after, flaps: flapsHeard(table, entry, after, pools, now) });
}

const isUsedNow = (
  name: string,
  node: Pick<NodeEntry, 'labels' | 'interfaces' | 'applied'>,
  pools?: readonly Pool[],
): boolean => pools === undefined || node.interfaces.some((link) => link.name === name && isUsed(link, node, pools));

/** The same object for as long as it says the same: much is made of them that is not made anew then. */
const kept = <T>(before: T, after: T): T => (JSON.stringify(before) === JSON.stringify(after) ? before : after);

/** Whether the node had accepted less when it sent this report: under one lease its assignments only grow newer. */
function isOlder(report: AppliedReport, known: AppliedReport): boolean {
  if (!known.term) return false;
  const order = report.term ? compareTerms(report.term, known.term) : -1;
  return order < 0 || (order === 0 && report.version < known.version);
}

export function nodeApplied(
  table: NodeTable,
  entry: NodeEntry,
  report: AppliedReport,
  now: Monotonic,
  pools?: readonly Pool[],
): NodeTable | undefined {
  if (!succeeds(report.lease, entry.lease)) return undefined;
  const { holds } = report;
  if (sameLease(report.lease, entry.lease)) {
    // One that was overtaken would tell of VIPs that the node has let go of since.
    const late = entry.applied && isOlder(report, entry.applied);
    return late ? undefined : replaced(table, { ...entry, applied: report, holds });
  }
  // Another epoch: what was judged of the one before says nothing of it.
  const fresh = {
    leaseValid: false,
    electorate: 0,
    lastHeard: now,
    gone: 'no',
    restored: undefined,
    leaseSince: now,
    stableSince: now,
    flaps: flapsOfLease(table, entry, report.lease, pools, now),
  } as const;
  return replaced(table, { ...entry, ...fresh, lease: report.lease, applied: report, holds });
}

export const nodeSaidGoodbye = (table: NodeTable, entry: NodeEntry): NodeTable =>
  replaced(table, { ...entry, gone: 'said-goodbye', leaseValid: false, applied: undefined, holds: [] });

export function sessionClosed(table: NodeTable, session: number, now: Monotonic): NodeTable | undefined {
  for (const entry of table.values()) {
    if (entry.session === session) return replaced(table, { ...entry, session: undefined, closedAt: now });
  }
  return undefined;
}

/** Revokes the leases of which nothing was heard for too long. The names of those that ended now come back as well. */
export function endSilentLeases(
  table: NodeTable,
  now: Monotonic,
  timing: Timing,
): { readonly table: NodeTable; readonly ended: readonly NodeName[] } {
  const silent = [...table.values()].filter((entry) => entry.gone === 'no' && now >= deadlineOf(entry, timing));
  const next = silent.reduce((all, entry) => replaced(all, { ...entry, gone: 'lease-ended' }), table);
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

/**
 * A way that is dead is given up 1 s after it was tried at the earliest: where a stream ended sooner after the last word
 * on it, the other end did it, or its kernel. With seldom heartbeats nobody can tell.
 */
const HANGS_UP_WITHIN_MS = 800;

/** Whether the stream of the node was ended, by an agent that ended or crashed, rather than by a network that is dead. */
export const hungUp = ({ session, closedAt, lastHeard }: NodeEntry): boolean =>
  session === undefined && closedAt !== undefined && closedAt - lastHeard < HANGS_UP_WITHIN_MS;

/** Whether this controller itself ever heard of the node. */
export const isHeard = (entry: NodeEntry): boolean => entry.bootId !== '';
