/**
 * What is known of the health of every node in every pool that declares checks. Every controller keeps one from the
 * reports that it hears itself, so that a new master knows the past of each node; one that was restarted has forgotten,
 * and then the next fault of a node counts as its first.
 */
import type { CheckState } from './check-state.ts';
import type { Check } from './checks.ts';
import { damp, type Damped, type DampedState, heldOffUntil, UNSEEN } from './damping.ts';
import { type Alarm, type Falls, followAlarm, followFalls } from './false-alarm.ts';
import { type FollowedRole, followRole } from './followed-role.ts';
import { type HealthVerdict, judgeChecks } from './health-verdict.ts';
import type { NodeName, PoolName } from './ids.ts';
import { checksOn, type NodeSettings } from './node-settings.ts';
import { isHeard, type NodeEntry, type NodeTable } from './node-table.ts';
import { matchesSelector, type Pool } from './pool.ts';
import { addMs, type Monotonic } from './time.ts';

/** One node in one pool. */
export interface Standing {
  readonly verdict: HealthVerdict;
  /** Of its checks of severity Fail. */
  readonly fault: Damped;
  readonly falls: Falls;
  /** Of its checks of severity Degrade. */
  readonly degraded: Damped;
  /** Undefined: the pool follows no check. */
  readonly role: FollowedRole | undefined;
  /** What is taken off its weight, in percent; lasts as long as `degraded`. */
  readonly penalty: number;
  /** Its checks of severity Degrade pass, but the penalty lasts until then. */
  readonly degradedUntil: Monotonic | undefined;
  /** Its checks pass, but it is given nothing until then. */
  readonly heldOffUntil: Monotonic | undefined;
  /** From then on it is better than a node whose checks fail, however long its hold-off is. */
  readonly wellEnoughAt: Monotonic | undefined;
  /** Something changes by itself then. */
  readonly wakeAt: Monotonic;
  readonly madeOf: MadeOf;
}

interface MadeOf {
  readonly pool: Pool;
  readonly settings: NodeSettings;
  readonly reported: readonly CheckState[];
  readonly wanted: readonly Check[];
}

export interface PoolHealth {
  readonly nodes: ReadonlyMap<NodeName, Standing>;
  /** Undefined: no fault looks as if it had one cause outside of the nodes. */
  readonly alarm: Alarm | undefined;
  readonly wakeAt: Monotonic;
}

/** The same object for each pool as long as nothing of it changes; pools without checks are not in it. */
export type HealthBook = ReadonlyMap<PoolName, PoolHealth>;

export interface HealthWorld {
  readonly pools: readonly Pool[];
  readonly nodes: NodeTable;
  readonly settingsOf: (node: NodeName) => NodeSettings;
  /** When the node was told to run the check; undefined: it was not, as far as this controller knows. */
  readonly wantedSince: (node: NodeName, check: Check) => Monotonic | undefined;
}

export const NO_HEALTH_KNOWN: HealthBook = new Map();

export const healthWakeAt = (book: HealthBook): Monotonic => earliest([...book.values()].map(({ wakeAt }) => wakeAt));

const latest = (a: Monotonic | undefined, b: Monotonic | undefined): Monotonic | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;

const earliest = (times: readonly (Monotonic | undefined)[]): Monotonic =>
  Math.min(Number.POSITIVE_INFINITY, ...times.map((at) => at ?? Number.POSITIVE_INFINITY)) as Monotonic;

/** @returns the same book where nothing changed */
export function followHealth(before: HealthBook, world: HealthWorld, now: Monotonic): HealthBook {
  const book = new Map<PoolName, PoolHealth>();
  for (const pool of world.pools) {
    if (pool.health.checks.length > 0) book.set(pool.name, followPool(pool, before.get(pool.name), world, now));
  }
  const isSame = book.size === before.size && [...book].every(([name, health]) => before.get(name) === health);
  return isSame ? before : book;
}

/** The report of one node, for a controller that decides nothing: it keeps the past of the node at little cost. */
export function followReport(before: HealthBook, node: NodeName, world: HealthWorld, now: Monotonic): HealthBook {
  const entry = world.nodes.get(node);
  if (!entry) return before;
  const book = new Map(before);
  for (const pool of world.pools) {
    if (pool.health.checks.length === 0 || !isMember(pool, entry)) continue;
    const known = before.get(pool.name);
    const standing = followNode(pool, entry, known?.nodes.get(node), world, now);
    book.set(pool.name, { nodes: new Map(known?.nodes).set(node, standing), alarm: known?.alarm, wakeAt: now });
  }
  return book;
}

const isMember = (pool: Pool, entry: NodeEntry): boolean => isHeard(entry) && matchesSelector(pool, entry.labels);

function followPool(pool: Pool, before: PoolHealth | undefined, world: HealthWorld, now: Monotonic): PoolHealth {
  const nodes = new Map<NodeName, Standing>();
  const live: Standing[] = [];
  for (const entry of world.nodes.values()) {
    if (!isMember(pool, entry)) continue;
    const known = before?.nodes.get(entry.node);
    // What a lost node told last is no news; its past stays.
    const standing = known && entry.gone !== 'no' ? known : followNode(pool, entry, known, world, now);
    nodes.set(entry.node, standing);
    if (entry.gone === 'no') live.push(standing);
  }
  const alarm = followAlarm(before?.alarm, pool.health, live, now);
  const wakeAt = earliest([...live.map((standing) => standing.wakeAt), alarm?.endsAt]);
  const isSame =
    before?.alarm === alarm &&
    before?.wakeAt === wakeAt &&
    before.nodes.size === nodes.size &&
    [...nodes].every(([node, standing]) => before.nodes.get(node) === standing);
  return isSame ? before : { nodes, alarm, wakeAt };
}

function followNode(
  pool: Pool,
  entry: NodeEntry,
  before: Standing | undefined,
  world: HealthWorld,
  now: Monotonic,
): Standing {
  const settings = world.settingsOf(entry.node);
  const last = before?.madeOf;
  const wanted =
    last?.pool === pool && last.settings === settings ? last.wanted : checksOn(settings, healthChecks(pool));
  const isUnmoved = before && last?.reported === entry.checks && last.wanted === wanted && now < before.wakeAt;
  const reported = entry.checks.filter((check) => check.pool === pool.name);
  // What was not reported yet depends on when it was asked for.
  if (isUnmoved && wanted.every(({ name }) => reported.some((item) => item.name === name))) return before;
  const since = (name: Check['name']): Monotonic | undefined => {
    const check = wanted.find((item) => item.name === name);
    return check && world.wantedSince(entry.node, check);
  };
  // A fault that nobody looks for any more counts until its hold-off is over.
  const counts = before && (before.fault.isBad || before.degraded.isBad);
  const verdict = judgeChecks(wanted, reported, since, now, counts ? before.verdict : undefined);
  const { damping } = pool.health;
  const fresh = { ...UNSEEN, wellSince: addMs(now, -verdict.passingMs), soundSince: addMs(now, -verdict.passingMs) };
  const unseen = verdict.state === 'Healthy' ? fresh : UNSEEN;
  const fault = damp(before?.fault ?? unseen, STATE[verdict.state], damping, now);
  const degraded = damp(before?.degraded ?? fresh, degradedState(verdict), damping, now);
  const degradedUntil = heldOffUntil(degraded, damping);
  const until = heldOffUntil(fault, damping);
  // Who keeps its VIPs anyway gives them to none that is not known to be well; who lets go of them may try one.
  const mayBeTried = !fault.isUnproven || pool.health.whenAllUnhealthy === 'Release';
  const isHeldOff = until !== undefined && fault.wellSince !== undefined;
  const wellEnoughAt = isHeldOff && mayBeTried ? addMs(fault.wellSince, damping.baseMs) : undefined;
  const role = roleOf(pool, settings, reported, before?.role, now);
  return {
    verdict,
    fault,
    falls: followFalls(before?.falls, wanted, reported, now),
    degraded,
    role,
    penalty: verdict.penalty > 0 ? verdict.penalty : degraded.isBad ? (before?.penalty ?? 0) : 0,
    degradedUntil,
    heldOffUntil: latest(until, role?.heldOffUntil),
    wellEnoughAt,
    wakeAt: earliest([
      verdict.wakeAt,
      degradedUntil,
      until,
      role?.wakeAt,
      ...[wellEnoughAt].filter((at) => (at ?? now) > now),
    ]),
    madeOf: { pool, settings, reported: entry.checks, wanted },
  };
}

const STATE = { Healthy: 'well', Unproven: 'unproven', Pending: 'open', Unhealthy: 'bad' } as const;

function degradedState({ degrading, unproven }: HealthVerdict): DampedState {
  if (degrading.length > 0) return 'bad';
  return unproven.some(({ severity }) => severity === 'Degrade') ? 'unproven' : 'well';
}

function roleOf(
  { health: { checks, damping }, placement: { follow } }: Pool,
  settings: NodeSettings,
  reported: readonly CheckState[],
  before: FollowedRole | undefined,
  now: Monotonic,
): FollowedRole | undefined {
  if (follow.kind !== 'Check') return undefined;
  const { check } = follow;
  const isRun = checksOn(settings, checks).some(({ name }) => name === check);
  const found = reported.find(({ name }) => name === check) ?? { state: 'Pending', sinceMs: 0 };
  return followRole(before, check, isRun ? found : undefined, damping, now);
}

/** The check that the pool follows decides where its VIPs may be; that it does not pass elsewhere is no fault. */
export function healthChecks({ health, placement: { follow } }: Pool): readonly Check[] {
  return follow.kind === 'Check' ? health.checks.filter(({ name }) => name !== follow.check) : health.checks;
}
