import { isolated } from '../../e2e/lib/isolation.ts';

/** One part of `make test`. */
export type Suite =
  /** A command that passes or fails as a whole. */
  | { readonly kind: 'check'; readonly name: string; readonly command: readonly string[] }
  /** A command that writes how many of its cases passed, failed and were skipped into the file that it is given. */
  | { readonly kind: 'cases'; readonly name: string; readonly command: readonly string[] }
  /** A project of jest.config.js. */
  | {
      readonly kind: 'jest';
      readonly name: string;
      readonly serial: boolean;
      /** Runs in namespaces of its own. */
      readonly isolated?: boolean;
    };

/**
 * In the order of the run: what is quick and what others build on comes first. Cases need no clock, so they run beside
 * the other suites, which mostly wait, in the time that those leave.
 */
export const SUITES: readonly Suite[] = [
  { kind: 'check', name: 'format', command: ['prettier', '--log-level=warn', '--check', '.'] },
  { kind: 'check', name: 'lint', command: ['oxlint', '--type-aware', '--quiet'] },
  { kind: 'check', name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { kind: 'check', name: 'proto', command: ['make', '--no-print-directory', 'proto'] },
  { kind: 'jest', name: 'unit', serial: false },
  { kind: 'cases', name: 'simulator', command: ['node', 'hack/simulator.ts'] },
  { kind: 'check', name: 'verify', command: ['make', '--no-print-directory', 'verify'] },
  { kind: 'cases', name: 'spec', command: ['node', 'hack/spec.ts'] },
  { kind: 'jest', name: 'integration', serial: true },
  { kind: 'jest', name: 'e2e', serial: true, isolated: true },
];

/** Suites that run one after the other with our own priority, and those that run beside them. */
export function lanesOf(suites: readonly Suite[]): readonly [Suite[], Suite[]] {
  const beside = suites.filter(({ kind }) => kind === 'cases');
  return beside.length === suites.length ? [beside, []] : [suites.filter(({ kind }) => kind !== 'cases'), beside];
}

/** @throws Error naming the known suites. */
export function selectSuites(names: readonly string[]): readonly Suite[] {
  const unknown = names.find((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    throw new Error(`unknown suite "${unknown}"; known are: ${SUITES.map(({ name }) => name).join(' ')}`);
  }
  return names.length === 0 ? SUITES : SUITES.filter(({ name }) => names.includes(name));
}

/** The command line of a suite. @param resultFile where it writes its report. */
export function commandOf(suite: Suite, resultFile: string): readonly string[] {
  if (suite.kind === 'check') return suite.command;
  if (suite.kind === 'cases') return [...suite.command, `--outcome=${resultFile}`];
  const jest = [
    'node',
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--selectProjects',
    suite.name,
    ...(suite.serial ? ['--runInBand'] : []),
    // What a failed test has left open would keep the process for ever.
    '--forceExit',
    ...(suite.isolated ? ['--reporters=default', '--reporters=./e2e/lib/logs-reporter.ts'] : []),
    '--json',
    `--outputFile=${resultFile}`,
  ];
  return suite.isolated ? isolated(jest) : jest;
}
