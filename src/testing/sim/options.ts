import { parseArgs } from 'node:util';
import { TIMING_PROFILES, type TimingProfile } from '../../core/timing.ts';
import { type Action, decodeActions } from './actions.ts';
import { SCENARIOS } from './scenarios.ts';

export const USAGE = `node src/testing/sim/main.ts [--seeds 1000] [--first 1] [--scenario NAME] [--profile NAME] [--workers 1]
                             [--actions LIST] [--trace] [--keep-going] [--report FILE] [--planted [NAME]] [--limit 20000]

  --seeds N        how many schedules
  --first N        seed of the first one; the others follow
  --scenario NAME  ${SCENARIOS.map(({ name, about }) => `${name}: ${about}`).join('\n                   ')}
  --profile NAME   ${Object.keys(TIMING_PROFILES).join(', ')}
  --workers N      threads
  --actions LIST   these faults instead of those that the seed draws
  --trace          prints what happens
  --keep-going     a violation does not end the run
  --report FILE    writes the numbers there as JSON (default reports/simulation.json)
  --planted [NAME] proves that the checks can fail: runs with each planted bug, or with this one, until it is caught
  --limit N        a planted bug that survives so many schedules is a failure`;

export interface Options {
  readonly seeds: number;
  readonly first: number;
  readonly scenario: string | undefined;
  readonly profile: TimingProfile | undefined;
  readonly workers: number;
  readonly actions: readonly Action[] | undefined;
  readonly trace: boolean;
  readonly keepGoing: boolean;
  readonly report: string;
  /** Empty: every planted bug. Undefined: none. */
  readonly planted: string | undefined;
  readonly limit: number;
}

/** Throws an Error that says what is wrong with the arguments. */
export function readOptions(args: readonly string[]): Options {
  // `--planted` may stand alone, which parseArgs does not know.
  const given = args.flatMap((arg, index) => {
    const next = args[index + 1];
    return arg === '--planted' && (next === undefined || next.startsWith('--')) ? ['--planted', ''] : [arg];
  });
  const { values } = parseArgs({
    args: given,
    options: {
      seeds: { type: 'string', default: '1000' },
      first: { type: 'string', default: '1' },
      scenario: { type: 'string' },
      profile: { type: 'string' },
      workers: { type: 'string', default: '1' },
      actions: { type: 'string' },
      trace: { type: 'boolean', default: false },
      'keep-going': { type: 'boolean', default: false },
      report: { type: 'string', default: 'reports/simulation.json' },
      planted: { type: 'string' },
      limit: { type: 'string', default: '20000' },
    },
  });
  const { scenario, profile } = values;
  if (scenario !== undefined && !SCENARIOS.some(({ name }) => name === scenario)) {
    throw new Error(`no scenario "${scenario}": use one of ${SCENARIOS.map(({ name }) => name).join(', ')}`);
  }
  if (profile !== undefined && !(profile in TIMING_PROFILES)) {
    throw new Error(`no profile "${profile}": use one of ${Object.keys(TIMING_PROFILES).join(', ')}`);
  }
  return {
    seeds: whole('--seeds', values.seeds),
    first: whole('--first', values.first),
    scenario,
    profile: profile as TimingProfile | undefined,
    workers: whole('--workers', values.workers),
    actions: values.actions === undefined ? undefined : decodeActions(values.actions),
    trace: values.trace,
    keepGoing: values['keep-going'],
    report: values.report,
    planted: values.planted,
    limit: whole('--limit', values.limit),
  };
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} ${text}: write a whole number from 1`);
  return value;
}
