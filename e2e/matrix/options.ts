/** What a run of the matrix is told, by variables. Pure. */
import { named } from '../lib/named.ts';
import { type Fault, type SystemName, SYSTEMS } from './fault.ts';
import { FAULTS, faultNamed } from './faults/index.ts';
import { type Profile, PROFILES } from './promises.ts';

export interface MatrixOptions {
  /** Trials of each fault. RUNS, default 5. */
  readonly runs: number;
  /** ONLY, names with commas; default all. */
  readonly faults: readonly Fault[];
  /** PROFILES, default default,fast. */
  readonly profiles: readonly Profile[];
  /** SYSTEMS, default all. */
  readonly systems: readonly SystemName[];
  /** How long etcd or the API server is away. AWAY in seconds, default 4: longer than the lock in etcd lives. */
  readonly awayMs: number;
}

/** @throws Error that names the variable and what it may be. */
export function parseOptions(variables: Readonly<Record<string, string | undefined>>): MatrixOptions {
  /** Undefined where nothing is named: an empty variable is as good as none. */
  const list = (name: string): readonly string[] | undefined => {
    const items = (variables[name] ?? '').split(',').map((item) => item.trim());
    const named = items.filter((item) => item !== '');
    return named.length === 0 ? undefined : named;
  };
  const number = (name: string, preset: number): number => {
    const value = Number(variables[name] || preset);
    if (!Number.isInteger(value) || value < 1) throw new Error(`${name}: a whole number from 1, for example ${name}=3`);
    return value;
  };
  const chosen = <T extends string>(name: string, known: readonly T[]): readonly T[] | undefined => {
    const items = list(name);
    return items && named(name, items, known);
  };
  return {
    runs: number('RUNS', 5),
    faults: list('ONLY')?.map(faultNamed) ?? FAULTS,
    profiles: chosen('PROFILES', PROFILES) ?? ['default', 'fast'],
    systems: chosen('SYSTEMS', SYSTEMS) ?? SYSTEMS,
    awayMs: number('AWAY', 4) * 1_000,
  };
}
