import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';

/** A command that writes files which are committed. */
export interface Generator {
  readonly name: string;
  /** Runs in the root of the repository; node_modules/.bin is on PATH. */
  readonly command: readonly string[];
  /** Files and folders that it writes, and nobody else. */
  readonly outputs: readonly string[];
  /** Without this file or folder there is nothing to generate. */
  readonly input: string;
}

/** In the order of their dependencies. */
export const GENERATORS: readonly Generator[] = [
  { name: 'protobuf', command: ['buf', 'generate'], outputs: ['src/gen'], input: 'proto' },
  {
    name: 'API types and reference',
    command: ['node', 'hack/generate-api.ts'],
    outputs: ['src/core/api/types.gen.ts', 'docs/reference/crds.md'],
    input: 'crds',
  },
  {
    name: 'command line reference',
    command: ['node', 'hack/generate-cli-docs.ts'],
    outputs: ['docs/reference/cli.md'],
    input: 'src/config',
  },
  {
    name: 'reason codes',
    command: ['node', 'hack/generate-reasons.ts'],
    outputs: ['docs/reference/reasons.md'],
    input: 'src/core/reasons.ts',
  },
  {
    name: 'metrics',
    command: ['node', 'hack/generate-metrics.ts'],
    outputs: ['docs/reference/metrics.md'],
    input: 'src/adapters/observability/metric-names.ts',
  },
  {
    name: 'chart',
    command: ['node', 'hack/generate-chart.ts'],
    outputs: ['charts/vippool/templates/crds', 'docs/reference/values.md'],
    input: 'charts',
  },
];

/**
 * Runs the generators in `root`.
 *
 * @throws Error naming the generator that failed.
 */
export function generate(generators: readonly Generator[], root: string): void {
  for (const { name, command, input } of generators) {
    if (!existsSync(join(root, input))) continue;
    const [program = '', ...args] = command;
    const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
    if (status !== 0) throw new Error(`generator ${name} failed: ${error?.message ?? `exit code ${status}`}`);
  }
}
