import type { StatusReport } from '../../core/controller/status-report.ts';
import { poolStatus } from '../../core/controller/pool-status.ts';
import { nodeName, type NodeName, poolName, type PoolName } from '../../core/ids.ts';
import type { BindingView } from '../../core/pool-view.ts';
import type { NodeRecord, PoolManifest, SourceSnapshot } from '../../core/manifest.ts';
import type { HostLabels } from '../../core/node-labels.ts';
import { SimTasks, type TaskEvents } from './sim-tasks.ts';

type Spec = Readonly<Record<string, unknown>>;

/** Where pools are declared and statuses written: shared by all controllers, each of which may lose sight of it. */
export class SimSource {
  readonly #manifests = new Map<PoolName, PoolManifest>();
  readonly #homes = new Map<string, string>();
  readonly #nodes = new Map<NodeName, NodeRecord>();
  /** Pools that had `onQuorumLoss: Hold` at some time. */
  readonly #everHeld = new Set<PoolName>();
  readonly #hostLabels: HostLabels;
  readonly #changed: () => void;
  readonly tasks: SimTasks;
  #snapshot: SourceSnapshot | undefined;
  #report: StatusReport | undefined;
  #declarations = 0;
  /** No controller reads or writes. */
  down = 0;

  /** @param events `changed` is called after every change */
  constructor(events: TaskEvents, hostLabels: HostLabels) {
    this.#hostLabels = hostLabels;
    this.#changed = events.changed;
    this.tasks = new SimTasks(events);
  }

  apply(manifest: PoolManifest): void {
    if ((manifest.spec as Spec)['onQuorumLoss'] === 'Hold') this.#everHeld.add(manifest.name);
    this.#manifests.set(manifest.name, { ...manifest, status: this.#manifests.get(manifest.name)?.status });
    this.#touch();
  }

  everHeld(pool: PoolName): boolean {
    return this.#everHeld.has(pool);
  }

  specOf(pool: string): Spec {
    return (this.#manifests.get(poolName(pool))?.spec ?? {}) as Spec;
  }

  /** How often something was declared that placement of this pool depends on. */
  editsOf(pool: string): number {
    return this.#declarations + (this.#manifests.get(poolName(pool))?.generation ?? 0);
  }

  /** A new generation of a pool that is there. */
  edit(pool: string, spec: Spec): void {
    const manifest = this.#manifests.get(poolName(pool));
    if (manifest) this.apply({ ...manifest, generation: manifest.generation + 1, spec });
  }

  /** What an administrator wants of a node; the rest stays as it was. */
  declare(node: NodeName, spec: Spec): void {
    const known = this.#nodes.get(node);
    const before = (known?.spec ?? {}) as Spec;
    this.#declarations++;
    this.#nodes.set(node, { name: node, status: known?.status, spec: { ...before, ...spec } });
    this.#touch();
  }

  declaredOf(node: NodeName): Spec {
    return (this.#nodes.get(node)?.spec ?? {}) as Spec;
  }

  snapshot(): SourceSnapshot {
    this.#snapshot ??= {
      pools: [...this.#manifests.values()],
      nodes: [...this.#nodes.values()],
      hostLabels: this.#hostLabels,
      problems: [],
      complete: true,
    };
    return this.#snapshot;
  }

  /** Statuses as they would be written now; only what decisions rest on is written at once. */
  readable(): SourceSnapshot {
    const pools = this.snapshot().pools.map((manifest) => {
      const report = this.#report?.pools.get(manifest.name);
      return report ? { ...manifest, status: poolStatus(report, manifest.status, '2026-01-01T00:00:00Z') } : manifest;
    });
    return { ...this.snapshot(), pools };
  }

  /** On record, of each VIP. */
  get homes(): ReadonlyMap<string, string> {
    return new Map(this.#homes);
  }

  /** As the newest master told last. */
  bindingsOf(pool: string): readonly BindingView[] {
    return this.#report?.pools.get(poolName(pool))?.view?.bindings ?? [];
  }

  /** What the newest master found wrong with the pool. */
  problemsOf(pool: string): readonly string[] {
    return this.#report?.pools.get(poolName(pool))?.problems.map(({ path, message }) => `${path}: ${message}`) ?? [];
  }

  /** A master's status: homes and nodes are what the next master builds on. */
  publish(report: StatusReport): void {
    this.#report = report;
    let changed = false;
    for (const [name, item] of report.pools) {
      const manifest = this.#manifests.get(name);
      if (!manifest || !item.view) continue;
      const moved = item.view.bindings.some(({ vip, home }) => home !== undefined && this.#homes.get(vip) !== home);
      // Of a task the record has to tell whether its VIPs have arrived.
      if (!moved && !(this.tasks.isUsed && differs(item.view.bindings, manifest.status?.bindings))) continue;
      for (const { vip, home } of item.view.bindings) if (home !== undefined) this.#homes.set(vip, home);
      const status = poolStatus(item, manifest.status, '2026-01-01T00:00:00Z');
      this.#manifests.set(name, { ...manifest, status });
      changed = true;
    }
    for (const { name, entry } of report.nodes.values()) {
      const node = nodeName(name);
      const known = this.#nodes.get(node);
      if (known?.status) continue;
      this.#nodes.set(node, { ...known, name: node, status: { phase: 'Healthy', labels: entry?.labels ?? {} } });
      changed = true;
    }
    if (changed) this.#touch();
  }

  finalize(pool: PoolName): void {
    if (this.#manifests.delete(pool)) this.#touch();
  }

  #touch(): void {
    this.#snapshot = undefined;
    this.#changed();
  }
}

type Recorded = NonNullable<NonNullable<PoolManifest['status']>['bindings']>;

const differs = (views: readonly BindingView[], recorded: Recorded = []): boolean =>
  views.length !== recorded.length ||
  views.some(({ vip, node, home, usualHome, state }, index) => {
    const known = recorded[index];
    const isSame = known?.address === vip && known.node === node && known.home === home;
    return !isSame || known.usualHome !== usualHome || known.state !== state;
  });
