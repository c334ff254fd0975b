/** A master in virtual time whose decisions are on record, and with whom what was only supposed really happens. */
import type { NodeHealthSpec, VipPoolSpec } from '../core/api/types.gen.ts';
import { NO_CARE } from '../core/controller/caring.ts';
import { nodeStatus } from '../core/controller/node-status.ts';
import { type PoolBook, readSnapshot } from '../core/controller/pools.ts';
import { poolStatus } from '../core/controller/pool-status.ts';
import { statusReport, type StatusReport } from '../core/controller/status-report.ts';
import { poolName, type NodeName } from '../core/ids.ts';
import type { NodeRecord, PoolManifest, SourceSnapshot } from '../core/manifest.ts';
import { NO_SETTINGS } from '../core/node-settings.ts';
import type { NodeEntry } from '../core/node-table.ts';
import { monotonic, NEVER } from '../core/time.ts';
import { controllerConfig, electorate, n, term } from './core-builders.ts';
import { HealthRig } from './health-rig.ts';

/** Wall clock of the rig at its instant 0. */
const BEGIN_MS = Date.parse('2026-03-01T12:00:00Z');

export interface RigNode {
  readonly name: string;
  readonly spec?: NodeHealthSpec;
  /** What is so from the beginning. */
  readonly over?: Partial<NodeEntry>;
}

export class RecordRig {
  readonly master: HealthRig;
  readonly #manifests: readonly PoolManifest[];
  readonly #nodes: readonly NodeRecord[];
  readonly #book: PoolBook;

  constructor(pools: Readonly<Record<string, VipPoolSpec>>, nodes: readonly RigNode[]) {
    this.#manifests = Object.entries(pools).map(([name, spec]) => manifest(name, spec));
    this.#nodes = nodes.map(({ name, spec }) => ({ name: n(name), spec, status: undefined }));
    this.#book = readSnapshot(undefined, snapshot(this.#manifests, this.#nodes));
    const [problem] = [...this.#book.problems.values()].flat();
    if (problem) throw new Error(`${problem.path}: ${problem.message}`);
    this.master = new HealthRig(this.#book.effective, ...nodes.map(({ name }) => name));
    this.master.records = new Map(nodes.map(({ name, over }) => [n(name), over?.labels ?? {}]));
    for (const [name, spec] of this.#book.nodeSpecs) this.master.settings.set(name, spec.settings);
    for (const { name, over = {} } of nodes) this.master.change(name, over);
    this.master.step();
  }

  /** Everything on record now. */
  snapshot(): SourceSnapshot {
    const report = this.#report();
    const wallMs = BEGIN_MS + this.master.now;
    const manifests = this.#manifests.map((item): PoolManifest => {
      const own = report.pools.get(item.name);
      return { ...item, status: own && poolStatus(own, undefined, new Date(wallMs).toISOString()) };
    });
    const nodes = this.#nodes.map((item): NodeRecord => {
      const own = report.nodes.get(item.name);
      return { ...item, status: own && nodeStatus(own, undefined, wallMs) };
    });
    return snapshot(manifests, nodes);
  }

  #report(): StatusReport {
    const { entries, views, book, masterNode, now } = this.master;
    const heard = new Map([...entries].map(([name, entry]) => [name, { ...entry, lastHeard: monotonic(now) }]));
    const care = { ...NO_CARE, book };
    const config = { ...controllerConfig(), node: masterNode };
    const known = { electorate: electorate(3), changeWaitsFor: undefined, care, blindUntil: NEVER };
    return statusReport(known, this.#book, heard, views, config, term(5), now);
  }

  /** These nodes fail at once, and another one becomes the master's if need be. */
  fail(failed: Iterable<NodeName>, nextMaster = this.master.masterNode): void {
    for (const node of failed) this.master.change(node, { gone: 'lease-ended' });
    this.master.masterNode = nextMaster;
    this.master.step();
  }

  /** The same with nodes that are put under maintenance. */
  drain(drained: Iterable<NodeName>, nextMaster = this.master.masterNode): void {
    const { settings } = this.master;
    for (const node of drained) settings.set(node, { ...NO_SETTINGS, ...settings.get(node), maintenance: true });
    this.master.masterNode = nextMaster;
    this.master.step();
  }
}

const manifest = (name: string, spec: VipPoolSpec): PoolManifest => ({
  name: poolName(name),
  uid: name,
  generation: 1,
  createdAt: '2026-01-01T00:00:00Z',
  deleting: false,
  spec,
  status: undefined,
});

const snapshot = (pools: readonly PoolManifest[], nodes: readonly NodeRecord[]): SourceSnapshot => ({
  pools,
  nodes,
  problems: [],
  complete: true,
});
