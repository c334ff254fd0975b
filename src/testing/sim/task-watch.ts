/** What must hold of tasks: ADR 10. */
import type { VipTaskStatus } from '../../core/api/types.gen.ts';
import { type VipAddress, vipAddress } from '../../core/ids.ts';
import { isFinished } from '../../core/tasks/task-book.ts';
import type { PictureHost } from './pool-picture.ts';
import type { RuledPool } from './ruled-pool.ts';
import type { TaskRecord } from './sim-tasks.ts';
import type { World } from './world.ts';

/** So long nothing was wrong with the controllers or the host, where something is expected of a task. */
const CALM_MS = 3_000;
/** An end is written so soon after it was decided. */
const WRITTEN_WITHIN_MS = 300;

interface Wanted {
  readonly action: 'Move' | 'Failback';
  readonly address?: string;
  readonly pool?: string;
  readonly node?: string;
  readonly dryRun?: boolean;
}

const specOf = ({ manifest }: TaskRecord): Wanted => manifest.spec as Wanted;

export class TaskWatch {
  readonly #world: World;
  /** Tasks that changed something: one that fails before leaves everything as it is. */
  readonly #begun = new Set<string>();
  /** Since the last look. */
  readonly #over: { readonly record: TaskRecord; readonly status: VipTaskStatus }[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  get open(): readonly TaskRecord[] {
    return this.#world.source.tasks.records.filter(({ finishedAt }) => finishedAt === undefined);
  }

  /** What only asks what would happen is no reason for anything. */
  get areOpen(): boolean {
    return this.open.some((record) => specOf(record).dryRun !== true);
  }

  get changedAt(): number {
    return this.#world.source.tasks.changedAt;
  }

  written(record: TaskRecord, status: VipTaskStatus): void {
    const { name, status: before } = record.manifest;
    if (before && isFinished(before) && before.phase !== status.phase)
      this.#world.checks.fail('S9', `${name} was ${before.phase}, and becomes ${status.phase}`);
    if (status.phase === 'Running') this.#begun.add(name);
    if (isFinished(status) && !isFinished(before)) this.#over.push({ record, status });
  }

  /** What was said of tasks since the last look. */
  look(pools: readonly RuledPool[]): void {
    for (const { record, status } of this.#over.splice(0)) {
      const { action, address, node, dryRun } = specOf(record);
      const pool = pools.find(({ picture }) => picture.truth.vips.some((vip) => vip === address));
      const host = pool?.picture.hosts.find((item) => item.node === node);
      if (action !== 'Move' || dryRun === true || address === undefined || !pool || !host) continue;
      if (status.phase === 'Failed') this.#expectUntouched(pool, host, vipAddress(address), record);
      if (!this.#world.calm.isSound(host.index) || !this.#world.calm.areControllersCalm(CALM_MS)) continue;
      this.#judgeEnd(pool, host, vipAddress(address), record, status);
    }
  }

  /** It fails before it was ever running: nothing else was asked of the VIP, and it lives where it did. */
  #expectUntouched(pool: RuledPool, host: PictureHost, vip: VipAddress, record: TaskRecord): void {
    const { manifest, createdAt, homes } = record;
    const isAlone = this.#world.source.tasks.records.every(
      (other) => other === record || !concerns(pool, other, vip) || (other.finishedAt ?? createdAt) < createdAt,
    );
    if (this.#begun.has(manifest.name) || !isAlone || homes.get(vip) === host.node) return;
    if (pool.picture.homes.get(vip)?.node === host.node && pool.editedAt < createdAt)
      this.#world.checks.fail('S9', `${manifest.name} failed, and ${vip} lives on ${host.node} since`);
  }

  #judgeEnd(pool: RuledPool, host: PictureHost, vip: VipAddress, record: TaskRecord, status: VipTaskStatus): void {
    const { checks, timeline } = this.#world;
    const { name } = record.manifest;
    const { host: at, departure } = pool.placeOf(vip);
    // The next task may have begun before the end of this one was written.
    const [leftAt, cameAt] = [departure?.from.index === host.index ? departure.at : 0, checks.boundAt(vip, host.index)];
    const wasThere = timeline.now - Math.max(leftAt, cameAt ?? 0) < WRITTEN_WITHIN_MS;
    if (status.phase === 'Succeeded' && at?.index !== host.index && !wasThere)
      checks.fail('S9', `${name} has moved ${vip} to ${host.node}, as it says, and it is on ${at?.node ?? 'no host'}`);
    if (status.phase === 'Failed' && this.#couldGo(pool, record, host))
      checks.fail('S9', `${name} failed, and nothing was in the way: ${status.message}`);
  }

  /** At rest: what the last task about each VIP has brought about is still so, unless somebody wanted something else. */
  judge(pools: readonly RuledPool[]): void {
    const { checks } = this.#world;
    const finished = this.#world.source.tasks.records.filter(
      (record) => record.finishedAt !== undefined && this.#hadEffect(record),
    );
    for (const pool of pools) {
      // Else a group may have been another one when it was moved.
      const isAsDeclared = this.#world.source.tasks.records.every(({ createdAt }) => createdAt > pool.editedAt);
      for (const vip of pool.picture.truth.vips) {
        const last = finished.filter((record) => concerns(pool, record, vip)).at(-1);
        if (last && last.createdAt > pool.editedAt) this.#expectLasting(pool, vip, last);
        if (!last && isAsDeclared && pool.isMoved(vip))
          checks.fail('S9', `${vip} has another home than usual, and no task gave it one`);
      }
    }
  }

  /** A failback gives homes back before anything else, also where nothing can go there. */
  #hadEffect(record: TaskRecord): boolean {
    const { action, dryRun } = specOf(record);
    const { name, status } = record.manifest;
    return dryRun !== true && (action === 'Failback' || status?.phase === 'Succeeded' || this.#begun.has(name));
  }

  #expectLasting(pool: RuledPool, vip: VipAddress, record: TaskRecord): void {
    const { checks } = this.#world;
    const { picture } = pool;
    const { node } = specOf(record);
    const { name, status } = record.manifest;
    const home = picture.homes.get(vip)?.node;
    if (node === undefined) {
      if (pool.isMoved(vip)) checks.fail('S9', `${name} brought ${vip} home, and it still lives on ${home}`);
    } else if (status?.phase === 'Succeeded' && home !== node && picture.truth.failback !== 'Never') {
      checks.fail('S9', `${name} moved ${vip} to ${node}, and it lives on ${home ?? 'no host'}`);
    } else if (status?.phase === 'Failed' && pool.isMoved(vip)) {
      checks.fail('S9', `${name} failed, and ${vip} keeps another home than usual`);
    }
  }

  /** No rule and no check was against it since somebody wanted it. */
  #couldGo(pool: RuledPool, { createdAt }: TaskRecord, host: PictureHost): boolean {
    // A rule that is no more may have been in force when it was judged.
    if (createdAt - pool.editedAt < CALM_MS) return false;
    const { groups, maxPerNode } = pool.picture.truth.rules;
    if (groups !== undefined || maxPerNode !== undefined || host.state !== 'well') return false;
    const agent = this.#world.agents[host.index];
    if (agent?.tallies(pool.name).some((tally) => tally.isLate(agent.clock.now()))) return false;
    const forMs = this.#world.timeline.now - createdAt + CALM_MS;
    return pool.stateMs(host) > forMs && pool.soundMs(host) > forMs;
  }
}

/** Whether a task was about the VIP, or about one that moves with it. */
function concerns({ picture: { truth } }: RuledPool, record: TaskRecord, vip: VipAddress): boolean {
  const { address, pool } = specOf(record);
  if (address === undefined) return pool === undefined || pool === truth.name;
  return (
    address === vip ||
    (truth.rules.groups ?? []).some(
      ({ policy, members }) => policy === 'Together' && members.includes(vip) && members.includes(address),
    )
  );
}
