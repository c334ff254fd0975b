import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import type { Tally } from './campaign.ts';
import { INVARIANTS, type Invariant } from './violation.ts';

/** What became of one planted bug. */
export interface PlantedOutcome {
  readonly name: string;
  readonly section: string;
  readonly rule: string;
  readonly expected: readonly Invariant[];
  readonly outcome: 'caught' | 'survived' | 'not-found';
  readonly invariant?: Invariant;
  /** Schedules until it was caught, or that it survived. */
  readonly schedules: number;
}

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
export function outcomeLine({ name, section, rule, outcome, invariant, schedules }: PlantedOutcome): string {
  const what = {
    caught: `${invariant} after ${schedules}`,
    survived: `SURVIVED ${schedules}`,
    'not-found': 'NOT PLANTED: its text is not in the source exactly once',
  }[outcome];
  return `${section.padEnd(7)} ${name.padEnd(30)} ${what.padEnd(14)}  ${rule}`;
}

export const writePlanted = (file: string, outcomes: readonly PlantedOutcome[]): void =>
  write(file, (report) => {
    const names = new Set(outcomes.map(({ name }) => name));
    report.plantedBugs = [...(report.plantedBugs ?? []).filter(({ name }) => !names.has(name)), ...outcomes];
  });
