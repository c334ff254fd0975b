/** Many schedules, one after the other, in this process. */
import type { TimingProfile } from '../../core/timing.ts';
import type { Action } from './actions.ts';
import { scenarioNamed } from './scenarios.ts';
import { scheduleOf, simulate } from './simulate.ts';
import type { Invariant } from './violation.ts';

export interface CampaignOrder {
  readonly first: number;
  readonly count: number;
  /** Every which seed from the first is taken. */
  readonly stride: number;
  readonly scenario: string | undefined;
  readonly profile: TimingProfile | undefined;
  readonly actions: readonly Action[] | undefined;
}

export interface Finding {
  readonly seed: number;
  readonly scenario: string;
  readonly invariant: Invariant;
  readonly message: string;
}

export interface Tally {
  schedules: number;
  events: number;
  virtualMs: number;
  /** Schedules in which two hosts answered where `Hold` says that it may happen. */
  namedPartitions: number;
  readonly byScenario: Record<string, number>;
  readonly findings: Finding[];
}

export const emptyTally = (): Tally => ({
  schedules: 0,
  events: 0,
  virtualMs: 0,
  namedPartitions: 0,
  byScenario: {},
  findings: [],
});

export function addTally(sum: Tally, part: Tally): void {
  sum.schedules += part.schedules;
  sum.events += part.events;
  sum.virtualMs += part.virtualMs;
  sum.namedPartitions += part.namedPartitions;
  for (const [name, count] of Object.entries(part.byScenario)) {
    sum.byScenario[name] = (sum.byScenario[name] ?? 0) + count;
  }
  sum.findings.push(...part.findings);
}

/** @param onBatch is told every now and then what came since the last time; true ends the campaign */
export function runCampaign(order: CampaignOrder, batch: number, onBatch: (part: Tally) => boolean): void {
  let part = emptyTally();
  const scenario = order.scenario === undefined ? undefined : scenarioNamed(order.scenario);
  for (let index = 0; index < order.count; index++) {
    const seed = order.first + index * order.stride;
    const schedule = scheduleOf(seed, { scenario, profile: order.profile, actions: order.actions });
    const { name } = schedule.scenario;
    const verdict = simulate(schedule);
    part.schedules++;
    part.events += verdict.events;
    part.virtualMs += verdict.virtualMs;
    part.byScenario[name] = (part.byScenario[name] ?? 0) + 1;
    if (verdict.namedPartitions > 0) part.namedPartitions++;
    if (verdict.violation) {
      const { invariant, message } = verdict.violation;
      part.findings.push({ seed, scenario: name, invariant, message });
    }
    if (part.schedules < batch && !verdict.violation) continue;
    const sent = part;
    part = emptyTally();
    if (onBatch(sent)) return;
  }
  onBatch(part);
}
