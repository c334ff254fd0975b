import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Action, ACTION_KINDS, decodeActions, encodeActions } from './actions.ts';
import { emptyTally, runCampaign, type Tally } from './campaign.ts';
import { HUNTED_BUGS, PLANTED_BUGS } from './planted-bugs.ts';
import { plantedText } from './planted-copy.ts';
import { readOptions } from './options.ts';
import { SCENARIOS } from './scenarios.ts';
import { scheduleOf, simulate } from './simulate.ts';
import { shrink } from './shrink.ts';
import { Timeline } from './timeline.ts';
import { traceLine } from './trace-text.ts';

describe('the simulator', () => {
  it.each(SCENARIOS.map(({ name }) => name))('finds nothing wrong in ten schedules: %s', (scenario) => {
    const sum: Tally = emptyTally();
    runCampaign({ first: 1, count: 10, stride: 1, scenario, profile: undefined, actions: undefined }, 10, (part) => {
      sum.schedules += part.schedules;
      sum.findings.push(...part.findings);
      return false;
    });
    expect(sum).toMatchObject({ schedules: 10, findings: [] });
  });

  it('repeats a schedule to the last event, and another seed is another schedule', () => {
    const run = (seed: number): string[] => {
      const lines: string[] = [];
      simulate(scheduleOf(seed), (...line) => lines.push(traceLine(...line)));
      return lines;
    };
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  it('is the same with its own faults written out', () => {
    const schedule = scheduleOf(12);
    const written = scheduleOf(12, {
      scenario: schedule.scenario,
      actions: decodeActions(encodeActions(schedule.actions)),
    });
    expect(simulate(written).events).toBe(simulate(schedule).events);
  });
});

describe('a schedule as text', () => {
  it('is read back as it was', () => {
    const actions = ACTION_KINDS.map((kind, index): Action => ({
      kind,
      at: 3_000 + index,
      ms: index,
      a: 1,
      b: 2,
      c: 3,
    }));
    expect(decodeActions(encodeActions(actions))).toEqual(actions);
    expect(decodeActions('')).toEqual([]);
  });

  it.each(['cut', 'cut@1+2:3.4', 'fly@1+2:3.4.5'])('%s is refused', (text) => {
    expect(() => decodeActions(text)).toThrow(text);
  });
});

describe('shrinking', () => {
  const action = (at: number, ms = 1_000): Action => ({ kind: 'power', at, ms, a: 0, b: 0, c: 0 });

  it('keeps the two faults that it takes, and makes them short', () => {
    const all = [1, 2, 3, 4, 5, 6, 7].map((at) => action(at));
    const fails = (list: readonly Action[]): boolean =>
      [3, 6].every((at) => list.some((item) => item.at === at && item.ms >= 250));
    expect(shrink(all, fails)).toEqual([action(3, 250), action(6, 250)]);
  });

  it('finds that no fault is needed', () => {
    expect(shrink([action(1), action(2)], () => true)).toEqual([]);
  });
});

describe('the timeline', () => {
  it('lets things happen in order of time, then of planning', () => {
    const timeline = new Timeline();
    const seen: string[] = [];
    for (const [at, name] of [
      [5, 'c'],
      [1, 'a'],
      [5, 'd'],
      [3, 'b'],
      [9, 'e'],
    ] as const)
      timeline.plan(at, () => seen.push(name));
    timeline.runTo(5, () => seen.push('|'));
    expect(seen.join('')).toBe('a|b|c|d|');
    expect(timeline.now).toBe(5);
  });

  it('does what is planned for the past at once', () => {
    const timeline = new Timeline();
    timeline.runTo(10, () => undefined);
    let at = 0;
    timeline.plan(3, () => (at = timeline.now));
    timeline.runTo(11, () => undefined);
    expect(at).toBe(10);
  });
});

describe('planted bugs', () => {
  it('have names of their own and sections', () => {
    expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(PLANTED_BUGS.length);
  });

  it.each(PLANTED_BUGS.map((bug) => [bug.name, bug] as const))('can be planted: %s', (_, bug) => {
    for (const { file, find, replace } of [bug, ...(bug.also ?? [])]) {
      const text = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
      expect(plantedText(text, { find, replace })).toBeDefined();
    }
  });

  it('are looked for in scenarios that there are', () => {
    const scenarios = HUNTED_BUGS.map(({ scenario }) => scenario ?? 'general');
    expect(SCENARIOS.map(({ name }) => name)).toEqual(expect.arrayContaining(scenarios));
  });

  it('are planted only where the place is found once', () => {
    const bug = { find: 'b', replace: 'x' };
    expect(plantedText('abc', bug)).toBe('axc');
    expect(plantedText('ac', bug)).toBeUndefined();
    expect(plantedText('abcb', bug)).toBeUndefined();
  });
});

describe('options', () => {
  it('may name planted bugs or all of them', () => {
    expect(readOptions(['--planted']).planted).toBe('');
    expect(readOptions(['--planted', 'no-guard', '--limit', '5'])).toMatchObject({ planted: 'no-guard', limit: 5 });
    expect(readOptions([]).planted).toBeUndefined();
  });

  it.each([
    ['--scenario', 'nope'],
    ['--profile', 'nope'],
    ['--seeds', '0'],
  ])('refuses %s %s', (...args) => {
    expect(() => readOptions(args)).toThrow(args[1]);
  });
});
