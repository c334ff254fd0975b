/** Proves that the checks can fail: copies the source, plants one bug in it, and runs schedules there until it is caught. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlantedBug, SourceChange } from './planted-bug.ts';
import type { PlantedOutcome } from './report.ts';
import type { Invariant } from './violation.ts';

const SOURCE = join(import.meta.dirname, '../..');

export interface PlantingOrder {
  /** A bug that survives so many schedules is not caught. */
  readonly limit: number;
  readonly first: number;
  /** Bugs at the same time. */
  readonly workers: number;
}

/** @param onOutcome is told of each bug as soon as it is decided */
export async function runPlanted(
  bugs: readonly PlantedBug[],
  order: PlantingOrder,
  onOutcome: (outcome: PlantedOutcome) => void,
): Promise<PlantedOutcome[]> {
  const waiting = [...bugs];
  const outcomes: PlantedOutcome[] = [];
  const work = async (): Promise<void> => {
    for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
      const outcome = await runOne(bug, order);
      outcomes.push(outcome);
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: order.workers }, work));
  return outcomes;
}

/** The text with the bug in it; undefined where the place is not there, or not the only one. */
export function plantedText(
  text: string,
  { find, replace }: Pick<SourceChange, 'find' | 'replace'>,
): string | undefined {
  const parts = text.split(find);
  return parts.length === 2 ? parts.join(replace) : undefined;
}

async function runOne(bug: PlantedBug, order: PlantingOrder): Promise<PlantedOutcome> {
  const { name, section, rule, expected } = bug;
  const folder = mkdtempSync(join(tmpdir(), 'vippool-planted-'));
  try {
    for (const part of ['core', 'ports', 'testing/sim']) {
      cpSync(join(SOURCE, part), join(folder, 'src', part), {
        recursive: true,
        filter: (path) => !path.endsWith('.test.ts'),
      });
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
    for (const change of [bug, ...(bug.also ?? [])]) {
      const file = join(folder, 'src', change.file);
      const text = plantedText(readFileSync(file, 'utf8'), change);
      if (text === undefined) return { name, section, rule, expected, outcome: 'not-found', schedules: 0 };
      writeFileSync(file, text);
    }
    const found = await hunt(folder, bug, order);
    return { name, section, rule, expected, ...found };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Found {
  readonly outcome: 'caught' | 'survived';
  readonly invariant?: Invariant;
  readonly schedules: number;
}

/** The first violation of an expected kind ends it. */
async function hunt(folder: string, bug: PlantedBug, { limit, first }: PlantingOrder): Promise<Found> {
  const script = join(folder, 'src/testing/sim/hunt.ts');
  const enough = Math.max(limit, bug.schedules ?? 0);
  const request = JSON.stringify({ first, limit: enough, scenario: bug.scenario, expected: bug.expected });
  const child = spawn(process.execPath, [script, request], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`the run with the planted bug "${bug.name}" ended with ${code}: ${output}`);
  return JSON.parse(output) as Found;
}
