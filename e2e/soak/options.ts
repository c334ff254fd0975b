/** What `make soak` is told by its variables. Pure. */
import { TIMING_PROFILES, type TimingProfile } from '../../src/core/timing.ts';
import { named } from '../lib/named.ts';
import type { SoakLoad } from './report.ts';

export interface Plan {
  /** Of each profile under each load. */
  readonly seconds: number;
  readonly profiles: readonly TimingProfile[];
  readonly loads: readonly SoakLoad[];
  /** Whether the profiles run side by side, each on hosts of its own. */
  readonly together: boolean;
}

const LOADS: readonly SoakLoad[] = ['idle', 'busy'];

/** @throws RangeError that says what to write instead. */
export function planOf(variables: Readonly<Record<string, string | undefined>>): Plan {
  const minutes = Number(variables['MINUTES'] ?? '10');
  if (!(minutes > 0)) throw new RangeError('MINUTES must be a number above 0, for example: make soak MINUTES=10');
  return {
    seconds: minutes * 60,
    profiles: some('PROFILES', variables, 'Default,Fast,Turbo', Object.keys(TIMING_PROFILES) as TimingProfile[]),
    loads: some('LOAD', variables, 'idle,busy', LOADS),
    together: variables['TOGETHER'] === '1',
  };
}

function some<T extends string>(
  name: string,
  variables: Readonly<Record<string, string | undefined>>,
  usual: string,
  known: readonly T[],
): T[] {
  return named(name, (variables[name] ?? usual).split(','), known);
}
