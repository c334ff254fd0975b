/**
 * Which node leases are over, as the master may act on it (failure model: Node lease and fence; Assignments): a majority
 * of the controllers says at one and the same time that it has revoked the lease. One controller's silence proves nothing;
 * a report that is old proves nothing, because its sender may have lost its memory since.
 *
 * A lease of which others know nothing, since they started anew, could never be revoked there: it is over as well when
 * together with us, who have revoked it, a majority did not acknowledge it at one instant after that; and one that we
 * know nothing of ourselves, when a majority has not acknowledged it for as long as a forgetful controller abstains.
 */
import type { ControllerId, NodeName } from './ids.ts';
import { leaseKey, type NodeLease, sameLease } from './lease-name.ts';
import type { LeaseName } from './messages.ts';
import { type NodeEntry, type NodeTable, unheardNode } from './node-table.ts';
import type { KnownLease, Restore } from './peer-messages.ts';
import { remembered } from './remembered.ts';
import type { Term } from './term.ts';
import { type Monotonic, NEVER } from './time.ts';

/** What another controller reported last. */
export interface PeerTable {
  readonly name: string;
  /** Per node: leases of its earlier incarnations, then the current one. */
  readonly leases: ReadonlyMap<NodeName, readonly KnownLease[]>;
  /** Begin of its reports without a gap. */
  readonly since: Monotonic;
  /** Lives that it acknowledges no longer -> when it may have done so last. */
  readonly droppedAt: ReadonlyMap<string, Monotonic>;
  /** Its revocations count until then: send time of the newest confirmed request + A. */
  readonly freshUntil: Monotonic;
}

/** Takes a report in. */
export function reported(
  known: PeerTable | undefined,
  name: string,
  leases: readonly KnownLease[] | undefined,
  freshUntil: Monotonic,
  now: Monotonic,
): PeerTable | undefined {
  const gapless = known !== undefined && now < known.freshUntil;
  const since = gapless ? known.since : now;
  if (!leases) return known?.name === name ? { ...known, since, freshUntil } : undefined;
  const droppedAt = new Map(gapless ? known.droppedAt : []);
  for (const list of known?.leases.values() ?? []) {
    for (const { node, lease, revoked } of list) if (!revoked) droppedAt.set(lifeKey(node, lease), now);
  }
  return { name, leases: byNode(leases), since, droppedAt, freshUntil };
}

export interface Verdicts {
  readonly peers: ReadonlyMap<ControllerId, PeerTable>;
  /** Every lease that a voter knew when it voted: each of them may hold anything until it is settled. */
  readonly inherited: readonly KnownLease[];
  /** Of these, the lives that no voter acknowledged any more: none of them held a lease then. */
  readonly ended: ReadonlySet<string>;
  /** When the votes were counted. */
  readonly since: Monotonic;
  /**
   * Revocations that were taken back: that controller counts again only when it reports the number (failure model: Node
   * lease and fence).
   */
  readonly restores: ReadonlyMap<string, Restore>;
  /** Leases that were over once: for good, since their holder has ended them by then. */
  readonly over: ReadonlySet<string>;
}

export const noVerdicts = (inherited: readonly KnownLease[], since: Monotonic): Verdicts => ({
  peers: new Map(),
  inherited,
  ended: endedLives(inherited),
  since,
  restores: new Map(),
  over: new Set(),
});

const lifeKey = (node: NodeName, { incarnation }: LeaseName): string => `${node} ${incarnation}`;
export const restoreKey = (controller: ControllerId, node: NodeName): string => `${controller} ${node}`;

function endedLives(inherited: readonly KnownLease[]): ReadonlySet<string> {
  const ended = new Set(inherited.map(({ node, lease }) => lifeKey(node, lease)));
  for (const { node, lease, revoked } of inherited) if (!revoked) ended.delete(lifeKey(node, lease));
  return ended;
}

const byNode = (leases: readonly KnownLease[]): Map<NodeName, KnownLease[]> => {
  const grouped = new Map<NodeName, KnownLease[]>();
  for (const lease of leases) {
    const list = grouped.get(lease.node);
    if (list) list.push(lease);
    else grouped.set(lease.node, [lease]);
  }
  return grouped;
};

/** Whether that controller's report counts as a revocation of the lease. */
export function countsAsRevoked(
  verdicts: Verdicts,
  controller: ControllerId,
  node: NodeName,
  lease: LeaseName,
  now: Monotonic,
): boolean {
  const table = verdicts.peers.get(controller);
  if (!table || now >= table.freshUntil) return false;
  const list = table.leases.get(node);
  const known = list?.find((item) => item.lease.incarnation === lease.incarnation);
  if (!known) return false;
  // Another life has followed, or the node itself has ended the epoch.
  if (known !== list?.at(-1) || known.lease.epoch > lease.epoch) return true;
  if (!known.revoked || known.lease.epoch < lease.epoch) return false;
  const restore = verdicts.restores.get(restoreKey(controller, node));
  return !(restore && sameLease(restore.lease, lease) && known.restored < restore.number);
}

const revokedHere = (entry: NodeEntry | undefined, lease: LeaseName): boolean =>
  entry !== undefined &&
  (entry.lease.incarnation === lease.incarnation
    ? entry.lease.epoch > lease.epoch || (entry.lease.epoch === lease.epoch && entry.gone !== 'no')
    : entry.past.some((old) => old.incarnation === lease.incarnation));

/**
 * Whether a majority refuses the lease from now on, whoever hears its node: who has revoked it, and who knows of another
 * life, which nobody can tell to have come before or after this one.
 */
export function isRefusedByMost(
  entry: NodeEntry | undefined,
  verdicts: Verdicts,
  counting: readonly ControllerId[],
  quorum: number,
  { node, lease }: NodeLease,
  now: Monotonic,
): boolean {
  const isOther = (lives: readonly NodeLease['lease'][]): boolean =>
    lives.length > 0 && lives.every(({ incarnation }) => incarnation !== lease.incarnation);
  const refusing = counting.filter((id) => {
    const table = verdicts.peers.get(id);
    if (!table || now >= table.freshUntil) return false;
    const lives = (table.leases.get(node) ?? []).map((known) => known.lease);
    return isOther(lives) || countsAsRevoked(verdicts, id, node, lease, now);
  });
  const own = revokedHere(entry, lease) || isOther(entry ? [entry.lease] : []);
  return refusing.length + (own ? 1 : 0) >= quorum;
}

/** A controller that has reported without a gap that it does not acknowledge a life of a node. */
interface Quiet {
  readonly since: number;
  /** Send time of the newest request that it has answered. */
  readonly askedAt: number;
}

function quietOf(
  verdicts: Verdicts,
  controller: ControllerId,
  node: NodeName,
  lease: LeaseName,
  now: Monotonic,
  abstentionMs: number,
): Quiet | undefined {
  const table = verdicts.peers.get(controller);
  if (!table || now >= table.freshUntil) return undefined;
  const list = table.leases.get(node);
  const known = list?.find((item) => item.lease.incarnation === lease.incarnation);
  if (known && !known.revoked) return undefined;
  // A life that another one has followed there cannot be taken up again any more.
  if (known && known === list?.at(-1)) {
    const restore = verdicts.restores.get(restoreKey(controller, node));
    if (restore && sameLease(restore.lease, known.lease) && known.restored < restore.number) return undefined;
  }
  const since = Math.max(table.since, table.droppedAt.get(lifeKey(node, lease)) ?? table.since);
  return { since, askedAt: table.freshUntil - abstentionMs };
}

/**
 * Every lease that may still be valid, per node: the highest epoch of each incarnation that some controller has not
 * revoked. A lease that was valid when the votes were given was acknowledged by a majority, so that one voter's table
 * shows it so. One that we have revoked since is possible as well: who acknowledges it may not have told us yet.
 */
function possibleLeases(table: NodeTable, verdicts: Verdicts): Map<NodeName, Map<string, LeaseName>> {
  const all = new Map<NodeName, Map<string, LeaseName>>();
  const add = (node: NodeName, lease: LeaseName, revoked: boolean): void => {
    let lives = all.get(node);
    if (!lives) all.set(node, (lives = new Map()));
    const known = lives.get(lease.incarnation);
    if (!revoked && (!known || known.epoch < lease.epoch)) lives.set(lease.incarnation, lease);
  };
  for (const { node, lease, revoked } of verdicts.inherited) add(node, lease, revoked);
  for (const { node, lease, gone, restored } of table.values()) {
    add(node, lease, gone !== 'no' && !restored && verdicts.ended.has(lifeKey(node, lease)));
  }
  for (const { leases } of verdicts.peers.values()) {
    for (const list of leases.values()) for (const { node, lease, revoked } of list) add(node, lease, revoked);
  }
  return all;
}

/** Every decision asks for them, and what was inherited is the same for a whole reign. */
const keysOf = remembered(
  (inherited: readonly KnownLease[]) => new Set(inherited.map(({ node, lease }) => leaseKey(node, lease))),
);

export interface Judged {
  /** As reconcile sees the nodes: `gone` only where the lease is over. */
  readonly nodes: NodeTable;
  readonly verdicts: Verdicts;
  /** Some lease may be over by the passing of time alone. */
  readonly undecided: boolean;
}

/**
 * The nodes as the master may treat them. A node of which another life, or a lease that nobody but other controllers
 * hears, may still be valid comes out as one that is up, told nothing, and so may hold anything.
 *
 * @param counting controllers whose reports are asked for, without ourselves
 * @param quorum how many, ourselves included, make a verdict
 * @param abstentionMs how long a controller without memory abstains
 */
export function judge(
  table: NodeTable,
  verdicts: Verdicts,
  counting: readonly ControllerId[],
  quorum: number,
  term: Term,
  abstentionMs: number,
  now: Monotonic,
): Judged {
  const over = new Set(verdicts.over);
  const nodes = new Map<NodeName, NodeEntry>();
  const inherited = keysOf(verdicts.inherited);
  let undecided = false;
  for (const [node, lives] of possibleLeases(table, verdicts)) {
    const own = table.get(node);
    const alive: LeaseName[] = [];
    for (const lease of lives.values()) {
      // Who tells of a later epoch has ended this one itself, as has who left.
      const left =
        own?.lease.incarnation === lease.incarnation &&
        (own.lease.epoch > lease.epoch || (own.gone === 'said-goodbye' && own.lease.epoch === lease.epoch));
      let count = revokedHere(own, lease) ? 1 : 0;
      for (const id of counting) if (countsAsRevoked(verdicts, id, node, lease, now)) count++;
      if (left || count >= quorum || (over.size > 0 && over.has(leaseKey(node, lease)))) {
        over.add(leaseKey(node, lease));
        continue;
      }
      const quiet: Quiet[] = [];
      for (const id of counting) {
        const found = quietOf(verdicts, id, node, lease, now, abstentionMs);
        if (found) quiet.push(found);
      }
      const enough = 1 + quiet.length >= quorum && (revokedHere(own, lease) || inherited.has(leaseKey(node, lease)));
      // Not for good: an epoch that was heard of and then not for long may still become a lease, its first one.
      if (enough && isSilent(own, verdicts, quiet, quorum, lease, now, abstentionMs)) continue;
      alive.push(lease);
      undecided ||= enough;
    }
    nodes.set(node, effective(node, own, alive, inherited, term));
  }
  return { nodes, verdicts: over.size === verdicts.over.size ? verdicts : { ...verdicts, over }, undecided };
}

/** Whether a majority, ourselves included, did not acknowledge the lease at one instant after it could be extended. */
function isSilent(
  own: NodeEntry | undefined,
  verdicts: Verdicts,
  quiet: readonly Quiet[],
  quorum: number,
  lease: LeaseName,
  now: Monotonic,
  abstentionMs: number,
): boolean {
  if (own && sameLease(own.lease, lease)) {
    // What we acknowledged extends it no more by then.
    const from = own.lastHeard + abstentionMs;
    const quietAt = (at: number): number => quiet.filter(({ since, askedAt }) => since <= at && at <= askedAt).length;
    return quiet.some(({ askedAt }) => askedAt >= from && 1 + quietAt(askedAt) >= quorum);
  }
  // Our own table says at once what it knows: only what it has never known of, or what a later life has followed. Of a
  // life that we have revoked we may have heard no more than an earlier epoch.
  const isKnown = own?.lease.incarnation === lease.incarnation && own.gone === 'no';
  if (isKnown || now - verdicts.since < abstentionMs) return false;
  return 1 + quiet.filter(({ since }) => now - since >= abstentionMs).length >= quorum;
}

function effective(
  node: NodeName,
  own: NodeEntry | undefined,
  alive: readonly LeaseName[],
  inherited: ReadonlySet<string>,
  term: Term,
): NodeEntry {
  const [lease] = alive;
  if (!lease) return own ? { ...own, gone: own.gone === 'no' ? 'lease-ended' : own.gone } : overNode(node);
  if (own && alive.length === 1 && sameLease(own.lease, lease)) {
    return own.gone === 'no' ? own : { ...own, gone: 'no' };
  }
  // Only others hear this lease. One that no voter knew began after we were elected: nothing was given to it yet.
  const fresh = alive.filter((item) => !inherited.has(leaseKey(node, item)) && !(own && sameLease(own.lease, item)));
  const unknown = {
    ...(own ?? unheardNode(node, lease, {})),
    lease,
    gone: 'no' as const,
    leaseValid: false,
    electorate: 0,
  };
  if (fresh.length < alive.length) return { ...unknown, session: undefined, applied: undefined };
  const empty = { lease, term: undefined, version: 0, held: [], refused: [], rivals: [], holds: [] };
  return { ...unknown, session: undefined, highestTerm: term, applied: empty };
}

const overNode = (node: NodeName): NodeEntry =>
  unheardNode(
    node,
    { incarnation: '' as LeaseName['incarnation'], epoch: 0 as LeaseName['epoch'] },
    {
      gone: 'lease-ended',
      lastHeard: NEVER,
    },
  );
