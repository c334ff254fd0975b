/** What a run on clusters is told, by variables. Pure. */
import { named } from '../../lib/named.ts';
import { type Profile, PROFILES } from '../../matrix/promises.ts';
import type { ClusterFault } from './fault.ts';
import { CLUSTER_FAULTS, clusterFaultNamed } from './faults.ts';

export interface ClusterOptions {
  /** Trials of each fault. RUNS, default 3. */
  readonly runs: number;
  /** Sizes of clusters. NODES, default 3,5. */
  readonly nodes: readonly number[];
  /** ONLY, names with commas; default all. */
  readonly faults: readonly ClusterFault[];
  /** PROFILES, default default. */
  readonly profiles: readonly Profile[];
  /** How long etcd or the API server is away. AWAY in seconds, default 4. */
  readonly awayMs: number;
  /** How long the log of probes of a whole noon is at least. NOON in minutes, default 10. */
  readonly noonMs: number;
}

/** @throws Error that names the variable and what it may be. */
export function parseOptions(variables: Readonly<Record<string, string | undefined>>): ClusterOptions {
  const list = (name: string, preset: string): readonly string[] =>
    (variables[name] || preset)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  const number = (name: string, text: string, least: number): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw new Error(`${name}: "${text}" is no whole number from ${least}, for example ${name}=${least}`);
  };
  const faults = list('ONLY', '').map(clusterFaultNamed);
  return {
    runs: number('RUNS', variables['RUNS'] || '3', 1),
    nodes: list('NODES', '3,5').map((text) => number('NODES', text, 3)),
    faults: faults.length === 0 ? CLUSTER_FAULTS : faults,
    profiles: named('PROFILES', list('PROFILES', 'default'), PROFILES),
    awayMs: number('AWAY', variables['AWAY'] || '4', 1) * 1_000,
    noonMs: number('NOON', variables['NOON'] || '10', 1) * 60_000,
  };
}
