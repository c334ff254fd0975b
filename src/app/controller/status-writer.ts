import type { NodeHealthStatus, VipPoolStatus } from '../../core/api/types.gen.ts';
import { nodeStatus } from '../../core/controller/node-status.ts';
import { moveRecord, poolStatus } from '../../core/controller/pool-status.ts';
import type { NodeReport, PoolReport, StatusReport } from '../../core/controller/status-report.ts';
import { hashText } from '../../core/hash.ts';
import { nodeName, type PoolName, poolName } from '../../core/ids.ts';
import type { SourceSnapshot } from '../../core/manifest.ts';
import type { DoneMove } from '../../core/move-log.ts';
import {
  conditionEvents,
  type EventSubject,
  moveEvents,
  type ObjectEvent,
  type ToldConditions,
  toldOf,
} from '../../core/object-event.ts';
import { addMs, type Monotonic, NEVER } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Source } from '../../ports/source.ts';

interface StatusPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly source: Source;
}

/** A key is written at most this often. */
const MIN_INTERVAL_MS = 100;
/** A node whose only news is its last heartbeat is written no more often than this. */
const HEARTBEAT_INTERVAL_MS = 10_000;
/** Up to so much later, each node by its name: a thousand of them are not written in one burst for ever. */
const SPREAD_MS = 2_000;
const RETRY_MS = 1_000;

/**
 * Writes statuses off the failover path: level-triggered, one write per object at a time, always the newest report,
 * only when something changed. While the source is away it keeps trying.
 */
export class StatusWriter {
  readonly #ports: StatusPorts;
  readonly #mayWrite: () => boolean;
  readonly #tell: (events: readonly ObjectEvent[]) => void;
  /** Keys are "pool/NAME", "node/NAME", "protect/POOL" and "finalize/POOL". */
  readonly #dueAt = new Map<string, Monotonic>();
  readonly #timers = new Map<string, () => void>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #failing = new Set<string>();
  /** What the source holds, by our last write or by what was read before the reign. */
  readonly #pools = new Map<PoolName, WrittenPool>();
  readonly #nodes = new Map<string, WrittenNode>();
  /** Moves that are in a history that was written. */
  readonly #told = new WeakSet<DoneMove>();
  /** Pool -> uid of the object that is protected. */
  readonly #protected = new Map<PoolName, string>();
  #report: StatusReport | undefined;
  #stopped = false;

  /**
   * @param mayWrite asked right before every write: a process that slept learns late that its reign has ended.
   * @param tell told what was news in a status that was written.
   */
  constructor(ports: StatusPorts, mayWrite: () => boolean, tell: (events: readonly ObjectEvent[]) => void) {
    this.#ports = ports;
    this.#mayWrite = mayWrite;
    this.#tell = tell;
  }

  /** What the source holds: the statuses that an earlier master wrote carry on. */
  observe(snapshot: SourceSnapshot): void {
    if (this.#report) return this.#replaceRemoved(snapshot);
    this.#pools.clear();
    this.#nodes.clear();
    for (const { name, uid, status } of snapshot.pools)
      if (status) this.#pools.set(name, { uid, status, told: toldOf(status.conditions) });
    for (const { name, status } of snapshot.nodes)
      if (status) {
        this.#nodes.set(name, { status, told: toldOf(status.conditions), report: undefined, writtenAt: NEVER });
      }
  }

  /** Somebody removed a status: it is written again. */
  #replaceRemoved(snapshot: SourceSnapshot): void {
    for (const { name, status } of snapshot.pools) {
      if (!status && this.#pools.delete(name)) this.#schedule(`pool/${name}`);
    }
    const present = new Set<string>(snapshot.nodes.flatMap(({ name, status }) => (status ? [name] : [])));
    for (const name of [...this.#nodes.keys()].filter((key) => !present.has(key))) {
      this.#nodes.delete(name);
      if (this.#report?.nodes.has(name)) this.#schedule(`node/${name}`);
    }
  }

  publish(report: StatusReport): void {
    if (this.#stopped) return;
    this.#report = report;
    // A pool that was made anew under the same name has no status yet.
    for (const [name, { uid }] of this.#pools) {
      if (report.pools.get(name)?.manifest.uid !== uid) this.#pools.delete(name);
    }
    for (const name of report.pools.keys()) this.#schedule(`pool/${name}`);
    for (const name of report.nodes.keys()) this.#schedule(`node/${name}`);
  }

  /** We are no longer master: the next one writes. */
  pause(): void {
    this.#report = undefined;
    this.#protected.clear();
    this.#failing.clear();
    this.#dueAt.clear();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  lifecycle(kind: 'protect' | 'finalize', pool: PoolName): void {
    const uid = this.#report?.pools.get(pool)?.manifest.uid;
    if (uid === undefined || (kind === 'protect' && this.#protected.get(pool) === uid)) return;
    const key = `${kind}/${pool}`;
    if (this.#busy.has(key) || this.#timers.has(key)) return;
    const work = async (): Promise<void> => {
      await this.#ports.source[kind](pool);
      if (kind === 'protect') this.#protected.set(pool, uid);
      else this.#protected.delete(pool);
    };
    this.#start(key, work, () => this.#at(key, () => this.lifecycle(kind, pool)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.pause();
    await Promise.all(this.#busy.values());
  }

  #schedule(key: string): void {
    if (this.#timers.has(key) || this.#busy.has(key)) return;
    this.#at(key, () => {
      this.#dueAt.set(key, addMs(this.#ports.clock.now(), MIN_INTERVAL_MS));
      const report = this.#report;
      if (report) this.#start(key, this.#writeOf(key, report), () => this.#schedule(key));
    });
  }

  /** Calls `act` when the key is due, in another turn of the event loop at the earliest. */
  #at(key: string, act: () => void): void {
    const { clock } = this.#ports;
    const fire = (): void => {
      this.#timers.delete(key);
      act();
    };
    this.#timers.set(key, clock.after(Math.max(0, (this.#dueAt.get(key) ?? NEVER) - clock.now()), fire));
  }

  /** Does the work; `again` follows where it failed, or where there is a newer report by then. */
  #start(key: string, work: () => Promise<void>, again: () => void): void {
    if (!this.#mayWrite()) return;
    const used = this.#report;
    const attempt = async (): Promise<void> => {
      try {
        await work();
        this.#failing.delete(key);
        this.#busy.delete(key);
        if (this.#report && this.#report !== used) again();
      } catch (err) {
        this.#busy.delete(key);
        if (!this.#report) return;
        // One line per outage, not one per object.
        const level = this.#failing.size > 0 ? 'debug' : 'warn';
        this.#ports.log.log(level, 'status not written; trying again', { object: key, err });
        this.#failing.add(key);
        this.#dueAt.set(key, addMs(this.#ports.clock.now(), RETRY_MS));
        again();
      }
    };
    this.#busy.set(key, attempt());
  }

  #writeOf(key: string, report: StatusReport): () => Promise<void> {
    const name = key.slice(key.indexOf('/') + 1);
    const pool = key.startsWith('pool/') ? report.pools.get(poolName(name)) : undefined;
    if (pool) return () => this.#writePool(poolName(name), pool);
    const node = key.startsWith('node/') ? report.nodes.get(name) : undefined;
    return node ? () => this.#writeNode(name, node) : () => Promise.resolve();
  }

  async #writePool(name: PoolName, report: PoolReport): Promise<void> {
    const { clock, source } = this.#ports;
    const known = this.#pools.get(name);
    const before = known?.status;
    const wallNow = clock.wallNow();
    const moves = report.moves.filter((move) => !this.#told.has(move));
    const news = moves.map((move) => moveRecord(move, clock.now(), wallNow.getTime()));
    const status = poolStatus(report, before, wallNow.toISOString(), news);
    if (same(status, before)) return;
    await source.writePoolStatus(name, status);
    for (const move of moves) this.#told.add(move);
    const about: EventSubject = { kind: 'VipPool', name };
    const { events, told } = conditionEvents(about, status.conditions ?? [], known?.told ?? NOTHING_TOLD);
    this.#tell([...moveEvents(name, news), ...events]);
    // After our reign somebody else's newer status may be known by now.
    if (this.#report) this.#pools.set(name, { uid: report.manifest.uid, status, told });
  }

  async #writeNode(name: string, report: NodeReport): Promise<void> {
    const { clock, source } = this.#ports;
    const before = this.#nodes.get(name);
    // Most reports say of most nodes only that they are alive.
    if (before && isRecent(name, before, clock.now()) && before.report && saysTheSame(report, before.report)) return;
    const status = nodeStatus(report, before?.status, clock.wallNow().getTime());
    if (before && isRecent(name, before, clock.now()) && same(lasting(status), lasting(before.status))) return;
    await source.writeNodeStatus(nodeName(name), status);
    const about: EventSubject = { kind: 'NodeHealth', name };
    const { events, told } = conditionEvents(about, status.conditions ?? [], before?.told ?? NOTHING_TOLD);
    this.#tell(events);
    if (this.#report) this.#nodes.set(name, { status, told, report, writtenAt: clock.now() });
  }
}

const NOTHING_TOLD: ToldConditions = new Map();

interface WrittenPool {
  readonly uid: string;
  readonly status: VipPoolStatus;
  readonly told: ToldConditions;
}

interface WrittenNode {
  readonly status: NodeHealthStatus;
  readonly told: ToldConditions;
  /** What it was made of; undefined: an earlier master wrote it. */
  readonly report: NodeReport | undefined;
  readonly writtenAt: Monotonic;
}

const isRecent = (name: string, { writtenAt }: WrittenNode, now: Monotonic): boolean =>
  now - writtenAt < HEARTBEAT_INTERVAL_MS + (hashText(name) % SPREAD_MS);

/** Without what is no news by itself: instants, round-trip times, load, what passing checks said and how long they took. */
function lasting({ lastHeartbeatTime: _heard, load: _load, checks, networks, ...rest }: NodeHealthStatus): object {
  return {
    ...rest,
    checks: checks?.map(({ pool, name, state, since }) => ({ pool, name, state, since })),
    networks: [networks?.management?.reachable, networks?.service?.reachable],
  };
}

/** Nothing differs that the status is made of, but instants. */
function saysTheSame(report: NodeReport, before: NodeReport): boolean {
  const [a, b] = [factsOf(report), factsOf(before)];
  return a.length === b.length && a.every((fact, index) => fact === b[index]);
}

function factsOf({
  record,
  entry,
  standings,
  problems,
  answering,
  isMute,
  maintenance,
  withoutCarrier,
  isMaster,
  term,
}: NodeReport): unknown[] {
  const told = [
    record?.generation,
    answering,
    isMute,
    maintenance,
    withoutCarrier.join(),
    isMaster,
    term,
    problems.length,
    ...problems,
    ...standings.map(({ standing }) => standing),
  ];
  if (!entry) return told;
  const { gone, leaseValid, lease, labels, checks, interfaces, reach, applied, fence, realtime, management, service } =
    entry;
  const ofNode = [
    gone,
    leaseValid,
    lease.epoch,
    labels,
    checks,
    interfaces,
    reach,
    applied,
    fence,
    realtime,
    management,
    service,
  ];
  return [...told, ...ofNode];
}

const same = (a: object, b: object | undefined): boolean => b !== undefined && JSON.stringify(a) === JSON.stringify(b);
