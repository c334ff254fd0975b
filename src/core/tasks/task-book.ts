/**
 * Tasks as the master goes on with them. The record is what counts: what it says is finished is never touched again, and
 * what it says is running another master goes on with. So no VIP is given another home before the record says Running: what
 * a master has done without a record its successor could neither finish nor undo. A failback only takes back, and is begun
 * again where it was begun without a record.
 */
import type { TaskResult, VipTaskStatus } from '../api/types.gen.ts';
import { nodeName, vipAddress, type VipAddress } from '../ids.ts';
import type { TaskManifest } from '../manifest.ts';
import { formatDuration, addMs, type Monotonic } from '../time.ts';
import { beginFailback, continueFailback } from './failback-task.ts';
import { beginMove, continueMove, standstill } from './move-task.ts';
import { parseTask } from './task-spec.ts';
import type { Progress, TaskWorld, Told } from './task-world.ts';

export interface TaskBook {
  /** As the source tells. */
  readonly tasks: readonly TaskManifest[];
  /** The newest term, as text, for which they were read anew. */
  readonly asOf: string | undefined;
  /** The wall clock, in milliseconds since 1970, at an instant of the other clock. */
  readonly wall: { readonly ms: number; readonly at: Monotonic };
  /** By uid, of this reign: what this master made of them. */
  readonly begun: ReadonlyMap<string, BegunTask>;
}

export interface BegunTask {
  readonly status: VipTaskStatus;
  /** Placement goes by it. */
  readonly isInForce: boolean;
  /** Since when this master has gone on with it. */
  readonly since: Monotonic;
  /** Since when nothing has brought its VIPs nearer to where they shall go. */
  readonly stuckSince: Monotonic | undefined;
}

/** What the source is to be told about one task. */
export type TaskOrder =
  | { readonly act: 'write'; readonly task: TaskManifest; readonly status: VipTaskStatus }
  | { readonly act: 'remove'; readonly task: TaskManifest };

export const NO_TASKS: TaskBook = {
  tasks: [],
  asOf: undefined,
  wall: { ms: 0, at: 0 as Monotonic },
  begun: new Map(),
};

/** Nobody waits any more for what no master has begun within this time. */
const EXPIRE_MS = 300_000;
/** So long an obstacle may last that was not there when the task began. */
const STUCK_MS = 5_000;
/** So long a holder may take to let go, and the next one to bind, and the source to say so. */
const RUNNING_MS = 60_000;

const FINISHED: readonly string[] = ['Succeeded', 'Failed', 'Expired'];
export const isFinished = (status: VipTaskStatus | undefined): boolean =>
  status !== undefined && FINISHED.includes(status.phase);

/** VIPs that running tasks want at home. */
export const askedBy = ({ begun }: TaskBook): ReadonlySet<VipAddress> =>
  vipsOf([...begun.values()].filter(({ isInForce }) => isInForce));

function vipsOf(begun: readonly BegunTask[]): Set<VipAddress> {
  const running = begun.filter(({ status }) => status.phase === 'Running');
  return new Set(running.flatMap(({ status }) => goals(status).map(({ address }) => vipAddress(address))));
}

const goals = ({ results = [] }: VipTaskStatus): readonly TaskResult[] => results.filter(({ to }) => to !== undefined);

/** Goes on with every task. What it changes about homes is in `world.homes`. */
export function stepTasks(
  before: TaskBook,
  world: TaskWorld,
  now: Monotonic,
): { readonly book: TaskBook; readonly orders: readonly TaskOrder[] } {
  const begun = new Map<string, BegunTask>();
  const orders: TaskOrder[] = [];
  const wallMs = before.wall.ms + (now - before.wall.at);
  const busy = vipsOf([...before.begun.values()]);
  for (const task of before.tasks) {
    if (task.deleting || isFinished(task.status)) {
      if (task.deleting || hasOutlived(task, wallMs)) orders.push({ act: 'remove', task });
      continue;
    }
    const known = before.begun.get(task.uid) ?? adopted(task, now);
    const next = known ? goOn(task, known, world, wallMs, now) : begin(task, world, busy, wallMs, now);
    if (!next) {
      // What comes later about the same VIPs does not overtake it.
      for (const vip of concernedBy(task, world)) busy.add(vip);
      continue;
    }
    begun.set(task.uid, next);
    for (const { address } of goals(next.status)) busy.add(vipAddress(address));
    if (!isSame(next.status, task.status) && !leavesHomes(next.status, world))
      orders.push({ act: 'write', task, status: next.status });
  }
  return { book: { ...before, begun }, orders };
}

/** The record has homes of a task that failed: nobody would take them back if this master died with its end on record. */
const leavesHomes = (status: VipTaskStatus, { homes, recorded }: TaskWorld): boolean =>
  status.phase === 'Failed' &&
  goals(status).some(({ address, to }) => {
    const home = homes.homeOf(vipAddress(address));
    return home !== undefined && home !== to && recorded(vipAddress(address))?.home === to;
  });

const newlyBegun = (status: VipTaskStatus, isInForce: boolean, now: Monotonic): BegunTask => ({
  status,
  isInForce,
  since: now,
  stuckSince: undefined,
});

/** Another master began it. */
const adopted = ({ status }: TaskManifest, now: Monotonic): BegunTask | undefined =>
  status?.phase === 'Running' ? newlyBegun(status, true, now) : undefined;

function begin(
  task: TaskManifest,
  world: TaskWorld,
  busy: ReadonlySet<VipAddress>,
  wallMs: number,
  now: Monotonic,
): BegunTask | undefined {
  const parsed = parseTask(task.spec);
  const begunWith = (progress: Progress): BegunTask | undefined =>
    progress.phase === 'Pending'
      ? undefined
      : newlyBegun(statusOf(progress, timeText(wallMs), wallMs), parsed.ok && parsed.value.action === 'Failback', now);
  if (!parsed.ok) {
    const message = parsed.problems.map(({ path, message: text }) => `${path}: ${text}`).join('; ');
    return begunWith({ phase: 'Failed', message });
  }
  if (wallMs - Date.parse(task.createdAt) > EXPIRE_MS) {
    const message = `no controller could begin it within ${formatDuration(EXPIRE_MS)}: create another one`;
    return begunWith({ phase: 'Expired', message });
  }
  if (!world.isSettled) return undefined;
  const { value: spec } = parsed;
  // Two tasks about one VIP are done one after the other.
  if (busy.size > 0 && concernedBy(task, world).some((vip) => busy.has(vip))) return undefined;
  return begunWith(
    spec.action === 'Move' ? beginMove(spec, spec.dryRun, world) : beginFailback(spec, spec.dryRun, world),
  );
}

/** VIPs that a task may move; none where it is wrong, or only asks. */
function concernedBy({ spec }: TaskManifest, { pools, plans }: TaskWorld): readonly VipAddress[] {
  const parsed = parseTask(spec);
  if (!parsed.ok || parsed.value.dryRun) return [];
  const { value } = parsed;
  if (value.action === 'Failback' && value.address === undefined) {
    return pools.flatMap(({ name, vips }) => (name === (value.pool ?? name) ? vips : []));
  }
  const { address } = value;
  const units = [...plans.values()].flatMap((plan) => plan.units);
  return units.find(({ vips }) => vips.some((vip) => vip === address))?.vips ?? [];
}

function goOn(task: TaskManifest, before: BegunTask, world: TaskWorld, wallMs: number, now: Monotonic): BegunTask {
  const { status, since } = before;
  const isInForce = before.isInForce || task.status?.phase === 'Running';
  if (isFinished(status) || !isInForce) return before;
  const known = { ...before, isInForce };
  const { results = [], startedAt } = status;
  const parsed = parseTask(task.spec);
  const isMove = parsed.ok && parsed.value.action === 'Move';
  const progress = isMove ? continueMove(results, world) : continueFailback(results, world);
  if (progress.phase !== 'Running') return { ...known, status: statusOf(progress, startedAt, wallMs) };
  const obstacle = goals(status)
    .map(({ address, to }) => standstill(vipAddress(address), nodeName(to ?? ''), world))
    .find((item) => item !== undefined);
  const stuckSince = obstacle && world.isSettled ? (known.stuckSince ?? now) : undefined;
  const isStuck = stuckSince !== undefined && now >= addMs(stuckSince, STUCK_MS);
  if (!isStuck && now < addMs(since, RUNNING_MS)) return { ...known, stuckSince };
  if (isMove) for (const { address } of goals(status)) world.homes.release(vipAddress(address));
  const message = obstacle?.message ?? `it took longer than ${formatDuration(RUNNING_MS)}: see "vippool status"`;
  const failed: Told = { phase: 'Failed', message, results };
  return { ...known, stuckSince, status: statusOf(failed, startedAt, wallMs) };
}

function statusOf(progress: Told, startedAt: string | undefined, wallMs: number): VipTaskStatus {
  return {
    phase: progress.phase,
    message: progress.message.slice(0, MAX_MESSAGE),
    startedAt: startedAt ?? timeText(wallMs),
    ...(progress.phase === 'Running' ? {} : { finishedAt: timeText(wallMs) }),
    ...(progress.results === undefined || progress.results.length === 0 ? {} : { results: progress.results }),
  };
}

const MAX_MESSAGE = 2_048;

const timeText = (wallMs: number): string => `${new Date(wallMs).toISOString().slice(0, 19)}Z`;

function hasOutlived({ spec, status }: TaskManifest, wallMs: number): boolean {
  const parsed = parseTask(spec);
  const ttlMs = parsed.ok ? parsed.value.ttlMs : DEFAULT_TTL_MS;
  const end = Date.parse(status?.finishedAt ?? '') + ttlMs;
  return wallMs >= end;
}

const DEFAULT_TTL_MS = 3_600_000;

const isSame = (a: VipTaskStatus, b: VipTaskStatus | undefined): boolean =>
  b !== undefined && JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/** An API server answers with fields in an order of its own. */
const sorted = (status: VipTaskStatus): unknown => [
  status.phase,
  status.message,
  status.startedAt,
  status.finishedAt,
  (status.results ?? []).map(({ address, from, to, reason }) => [address, from, to, reason]),
];
