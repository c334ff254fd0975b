import { describe, expect, it } from '@jest/globals';
import { type Ending, expectationOf, judge } from './verdict.ts';

const limits = { bounded: false, seconds: 60 };
const bounded = { bounded: true, seconds: 60 };

const START = `TLC2 Version 2.18 of 20 March 2023
Semantic processing of module Electorate
Starting... (2026-11-21 10:09:09)
Computing initial states...
Finished computing initial states: 1 distinct state generated at 2026-11-21 10:09:09.
`;
const VIOLATED: Ending = {
  exitCode: 12,
  output: `${START}Error: Invariant OneHolder is violated.
Error: The behavior up to this point is:
State 1: <Initial predicate>
/\\ xv = 1
/\\ A = {1}

State 2: <Promise line 29, col 18 to line 33, col 56 of module Electorate>
/\\ xv = 2
/\\ A = {1}

684 states generated, 188 distinct states found, 102 states left on queue.
The depth of the complete state graph search is 2.
`,
};
const CLOSED: Ending = {
  exitCode: 0,
  output: `${START}Model checking completed. No error has been found.
  Estimates of the probability that TLC did not check all reachable states
  calculated (optimistic):  val = 1.5E-11
40211 states generated, 19822 distinct states found, 0 states left on queue.
The depth of the complete state graph search is 22.
`,
};
const PROGRESS =
  'Progress(9) at 2026-11-21 10:07:59: 41,073 states generated (41,073 s/min), ' +
  '14,655 distinct states found (14,655 ds/min), 9,289 states left on queue.\n';
const STOPPED: Ending = { exitCode: undefined, output: START + PROGRESS };
const REFUSED: Ending = {
  exitCode: 151,
  output: `${START}Error: The constant parameter LiveBars is not assigned a value by the configuration file.\n`,
};

describe('a configuration', () => {
  it('must hold, unless its name says that it shows a violation', () => {
    expect(expectationOf('Hold-full')).toBe('holds');
    expect(expectationOf('Hold-mut-Bar')).toBe('violated');
    expect(expectationOf('Hold-sane-take')).toBe('violated');
  });
});

describe('a violation', () => {
  it('is what a mutation must show', () => {
    expect(judge('violated', VIOLATED, limits)).toEqual({ passed: true, text: 'OneHolder violated after 2 states' });
  });

  it('is a failure where the rules are on, also where the run may be stopped', () => {
    expect(judge('holds', VIOLATED, limits).passed).toBe(false);
    expect(judge('holds', VIOLATED, bounded).passed).toBe(false);
  });
});

describe('a run without violation', () => {
  it('that saw every state proves the rules', () => {
    expect(judge('holds', CLOSED, limits)).toEqual({ passed: true, text: 'closed, no violation, 19,822 states' });
  });

  it('is a failure of a mutation', () => {
    expect(judge('violated', CLOSED, limits).passed).toBe(false);
    expect(judge('violated', STOPPED, bounded).passed).toBe(false);
  });

  it('that was stopped passes only where it may be stopped, and says so', () => {
    const text = 'no violation within 60 s, 14,655 states';
    expect(judge('holds', STOPPED, bounded)).toEqual({ passed: true, text });
    expect(judge('holds', STOPPED, limits)).toEqual({ passed: false, text });
  });

  it('that never got to the states shows nothing', () => {
    expect(judge('holds', { ...STOPPED, output: START }, bounded).passed).toBe(false);
  });
});

describe('a run that TLC refuses', () => {
  it('is a failure with its reason, whatever was expected', () => {
    const text =
      'TLC ended with code 151: Error: The constant parameter LiveBars is not assigned a value by the configuration file.';
    expect(judge('violated', REFUSED, limits)).toEqual({ passed: false, text });
    expect(judge('holds', REFUSED, bounded).passed).toBe(false);
  });

  it('without a word is a failure as well', () => {
    expect(judge('holds', { output: '', exitCode: 0 }, limits).passed).toBe(false);
  });
});
