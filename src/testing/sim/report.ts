import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import type { Tally } from './campaign.ts';
import type { NamedTest } from './planted-bug.ts';
import { INVARIANTS, type Invariant } from './violation.ts';

interface PlantedRule {
  readonly name: string;
  readonly section: string;
  readonly rule: string;
}

/** What became of a planted bug that schedules look for. */
export interface HuntedOutcome extends PlantedRule {
  readonly expected: readonly Invariant[];
  readonly outcome: 'caught' | 'survived' | 'not-found';
  readonly invariant?: Invariant;
  /** Schedules until it was caught, or that it survived. */
  readonly schedules: number;
}

/** What became of a planted bug that a unit test looks for. */
export interface TestedOutcome extends PlantedRule {
  readonly test: NamedTest;
  readonly outcome: 'caught' | 'survived' | 'not-found' | 'not-judged';
  /** Where the test could not judge it. */
  readonly why?: string;
}

export type PlantedOutcome = HuntedOutcome | TestedOutcome;

/** `reports/simulation.json`. A campaign and the planted bugs each replace their own part. */
interface Report {
  machine: { readonly cpu: string; readonly cores: number; readonly node: string };
  schedules?: number;
  events?: number;
  virtualSeconds?: number;
  wallSeconds?: number;
  schedulesPerMinute?: number;
  byScenario?: Readonly<Record<string, number>>;
  namedPartitions?: number;
  violations?: Readonly<Record<string, number>>;
  plantedBugs?: readonly PlantedOutcome[];
}

function write(file: string, change: (report: Report) => void): void {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    report = { machine: { cpu: '', cores: 0, node: '' } };
  }
  report.machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version };
  change(report);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
}

export function writeCampaign(file: string, sum: Tally, wallMs: number): void {
  const violations = Object.fromEntries(
    Object.keys(INVARIANTS).map((name) => [name, sum.findings.filter(({ invariant }) => invariant === name).length]),
  );
  write(file, (report) => {
    report.schedules = sum.schedules;
    report.events = sum.events;
    report.virtualSeconds = Math.round(sum.virtualMs / 1_000);
    report.wallSeconds = Math.round(wallMs / 100) / 10;
    report.schedulesPerMinute = Math.round((sum.schedules / wallMs) * 60_000);
    report.byScenario = sum.byScenario;
    report.namedPartitions = sum.namedPartitions;
    report.violations = violations;
  });
}

/** Section, rule, what became of it: one line of the table. */
export function outcomeLine(outcome: PlantedOutcome): string {
  const { section, name, rule } = outcome;
  return `${section.padEnd(7)} ${name.padEnd(30)} ${whatBecame(outcome).padEnd(14)}  ${rule}`;
}

function whatBecame(planted: PlantedOutcome): string {
  const { outcome } = planted;
  if (outcome === 'not-found') return 'NOT PLANTED: its text is not in the source exactly once';
  if (outcome === 'not-judged') return `NOT JUDGED: ${planted.why}`;
  if ('test' in planted) return outcome === 'caught' ? planted.test.file : `SURVIVED ${planted.test.file}`;
  return outcome === 'caught' ? `${planted.invariant} after ${planted.schedules}` : `SURVIVED ${planted.schedules}`;
}

export const writePlanted = (file: string, outcomes: readonly PlantedOutcome[]): void =>
  write(file, (report) => {
    const names = new Set(outcomes.map(({ name }) => name));
    report.plantedBugs = [...(report.plantedBugs ?? []).filter(({ name }) => !names.has(name)), ...outcomes];
  });
