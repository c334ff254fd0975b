import type { NodeHealthStatus, VipPoolStatus } from '../../core/api/types.gen.ts';
import { nodeStatus } from '../../core/controller/node-status.ts';
import { poolStatus } from '../../core/controller/pool-status.ts';
import type { StatusReport } from '../../core/controller/status-report.ts';
import { nodeName, type PoolName, poolName } from '../../core/ids.ts';
import type { SourceSnapshot } from '../../core/manifest.ts';
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
/** A node whose only news is its last heartbeat is written this often. */
const HEARTBEAT_INTERVAL_MS = 10_000;
const RETRY_MS = 1_000;

/**
 * Writes statuses off the failover path: level-triggered, one write per object at a time, always the newest report,
 * only when something changed. While the source is away it keeps trying.
 */
export class StatusWriter {
  readonly #ports: StatusPorts;
  readonly #dueAt = new Map<string, number>();
  readonly #timers = new Map<string, () => void>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #pools = new Map<string, VipPoolStatus>();
  readonly #nodes = new Map<string, { readonly status: NodeHealthStatus; readonly writtenAtMs: number }>();
  /** Pool -> uid of the object that is protected. */
  readonly #protected = new Map<PoolName, string>();
  #report: StatusReport | undefined;
  #failing = false;
  #stopped = false;

  constructor(ports: StatusPorts) {
    this.#ports = ports;
  }

  /** What the source holds: the statuses that an earlier master wrote carry on. */
  observe(snapshot: SourceSnapshot): void {
    if (this.#report) return;
    this.#pools.clear();
    this.#nodes.clear();
    for (const { name, status } of snapshot.pools) if (status) this.#pools.set(name, status);
    for (const { name, status } of snapshot.nodes) if (status) this.#nodes.set(name, { status, writtenAtMs: 0 });
  }

  publish(report: StatusReport): void {
    this.#report = report;
    for (const name of this.#pools.keys()) if (!report.pools.has(poolName(name))) this.#pools.delete(name);
    for (const name of report.pools.keys()) this.#schedule(`pool/${name}`);
    for (const name of report.nodes.keys()) this.#schedule(`node/${name}`);
  }

  /** We are no longer master: the next one writes. */
  pause(): void {
    this.#report = undefined;
    this.#protected.clear();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  lifecycle(kind: 'protect' | 'finalize', pool: PoolName): void {
    const uid = this.#report?.pools.get(pool)?.manifest.uid;
    if (uid === undefined || (kind === 'protect' && this.#protected.get(pool) === uid)) return;
    const key = `${kind}/${pool}`;
    if (this.#busy.has(key)) return;
    this.#guard(key, async () => {
      await this.#ports.source[kind](pool);
      if (kind === 'protect') this.#protected.set(pool, uid);
      else this.#protected.delete(pool);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.pause();
    await Promise.all(this.#busy.values());
  }

  #schedule(key: string): void {
    if (this.#stopped || this.#timers.has(key) || this.#busy.has(key)) return;
    const wait = Math.max(0, (this.#dueAt.get(key) ?? 0) - this.#ports.clock.now());
    this.#timers.set(
      key,
      this.#ports.clock.after(wait, () => {
        this.#timers.delete(key);
        this.#dueAt.set(key, this.#ports.clock.now() + MIN_INTERVAL_MS);
        const report = this.#report;
        if (report) this.#guard(key, () => this.#write(key, report));
      }),
    );
  }

  #guard(key: string, work: () => Promise<void>): void {
    const attempt = async (): Promise<void> => {
      const used = this.#report;
      try {
        await work();
        this.#failing = false;
      } catch (err) {
        if (!this.#failing) this.#ports.log.log('warn', 'status not written; trying again', { object: key, err });
        this.#failing = true;
        this.#dueAt.set(key, this.#ports.clock.now() + RETRY_MS);
      }
      this.#busy.delete(key);
      const writes = key.startsWith('pool/') || key.startsWith('node/');
      if (writes && this.#report && (this.#failing || this.#report !== used)) this.#schedule(key);
    };
    this.#busy.set(key, attempt());
  }

  async #write(key: string, report: StatusReport): Promise<void> {
    const [kind = '', name = ''] = key.split('/', 2);
    const wall = this.#ports.clock.wallNow();
    if (kind === 'pool') {
      const item = report.pools.get(poolName(name));
      if (!item) return;
      const status = poolStatus(item, this.#pools.get(name), wall.toISOString());
      if (same(status, this.#pools.get(name))) return;
      await this.#ports.source.writePoolStatus(poolName(name), status);
      this.#pools.set(name, status);
      return;
    }
    const item = report.nodes.get(name);
    if (!item) return;
    const before = this.#nodes.get(name);
    const status = nodeStatus(item, before?.status, wall.getTime());
    const age = this.#ports.clock.now() - (before?.writtenAtMs ?? 0);
    if (before && age < HEARTBEAT_INTERVAL_MS && same(withoutHeartbeat(status), withoutHeartbeat(before.status)))
      return;
    await this.#ports.source.writeNodeStatus(nodeName(name), status);
    this.#nodes.set(name, { status, writtenAtMs: this.#ports.clock.now() });
  }
}

const withoutHeartbeat = (status: NodeHealthStatus): object => ({ ...status, lastHeartbeatTime: '' });

const same = (a: object, b: object | undefined): boolean => b !== undefined && JSON.stringify(a) === JSON.stringify(b);
