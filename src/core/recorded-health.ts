/** What is on record of the health of nodes, as the master judges it: results of checks, hold-offs and false alarms. */
import type { HoldOff } from './api/types.gen.ts';
import { followHealth, type HealthBook, type HealthWorld, type PoolHealth, type Standing } from './health-book.ts';
import type { NodeName, PoolName } from './ids.ts';
import type { NodeRecord, PoolManifest } from './manifest.ts';
import type { NodeTable } from './node-table.ts';
import type { Pool } from './pool.ts';
import { Reason } from './reasons.ts';
import { says, wallMs } from './recorded-nodes.ts';
import { addMs, type Monotonic, monotonic, NEVER } from './time.ts';

export interface RecordedHealthWorld extends Pick<HealthWorld, 'pools' | 'nodes' | 'settingsOf'> {
  readonly manifests: ReadonlyMap<PoolName, PoolManifest>;
  readonly records: readonly NodeRecord[];
}

export function recordedHealth(world: RecordedHealthWorld, at: Monotonic): HealthBook {
  const statusOf = new Map(world.records.map(({ name, status }) => [name, status]));
  // Where something is unknown and no result is, a check was never reported.
  const wantedSince = (node: NodeName): Monotonic | undefined => {
    const status = statusOf.get(node);
    const isUnknown = status && says(status, 'ChecksPass') === Reason.CheckUnknown;
    return isUnknown && !status.checks?.some(({ state }) => state === 'Unknown') ? NEVER : undefined;
  };
  const alarms = new Map(world.pools.flatMap((pool) => recordedAlarm(pool, world)));
  const book = followHealth(alarms, { ...world, wantedSince }, at);
  const withHoldOffs = (name: PoolName, health: PoolHealth): PoolHealth => {
    const pool = world.pools.find((item) => item.name === name);
    const nodes = [...health.nodes].map(([node, standing]) => {
      const own = statusOf.get(node)?.heldOff?.filter((item) => item.pool === name) ?? [];
      return [node, pool ? own.reduce((known, item) => heldOff(pool, known, item, at), standing) : standing] as const;
    });
    return { ...health, nodes: new Map(nodes) };
  };
  return new Map([...book].map(([name, health]) => [name, withHoldOffs(name, health)]));
}

/** The checks pass, and did not often enough before. */
function heldOff({ health: { damping } }: Pool, standing: Standing, item: HoldOff, at: Monotonic): Standing {
  const ends = wallMs(item.until);
  if (ends === undefined || ends <= at || item.reason === Reason.Flapping) return standing;
  const until = monotonic(ends);
  if (item.reason === Reason.NodeDegraded) {
    return {
      ...standing,
      degraded: { ...standing.degraded, isBad: true, soundSince: undefined },
      penalty: item.penalty ?? 0,
      degradedUntil: until,
    };
  }
  const { soundSince } = standing.fault;
  return {
    ...standing,
    fault: { ...standing.fault, isBad: true, soundSince: undefined },
    heldOffUntil: until,
    wellEnoughAt: soundSince && addMs(soundSince, damping.baseMs),
  };
}

/** The condition of the pool tells of an alarm; it goes on for as long as any node fails the check. */
function recordedAlarm(pool: Pool, { manifests, nodes }: RecordedHealthWorld): [PoolName, PoolHealth][] {
  const conditions = manifests.get(pool.name)?.status?.conditions;
  if (conditions?.find(({ type }) => type === 'Degraded')?.reason !== Reason.AllNodesFailSameCheck) return [];
  const check = pool.health.checks.find(
    ({ severity, name }) => severity === 'Fail' && failsAnywhere(nodes, pool, name),
  );
  if (!check) return [];
  return [[pool.name, { nodes: new Map(), alarm: { check: check.name, endsAt: undefined }, wakeAt: NEVER }]];
}

const failsAnywhere = (nodes: NodeTable, pool: Pool, check: string): boolean =>
  [...nodes.values()].some(({ checks }) =>
    checks.some((item) => item.pool === pool.name && item.name === check && item.state === 'Failing'),
  );
