import { describe, expect, it } from '@jest/globals';
import { failoverRow, failoverTable, spread } from './failover-report.ts';

const poweroff = { system: 'vippool', profile: 'default', fault: 'poweroff' } as const;

describe('a spread', () => {
  it.each([
    [[7], { median: 7, min: 7, max: 7 }],
    [[9, 1, 5], { median: 5, min: 1, max: 9 }],
    [[10, 2, 4, 1], { median: 3, min: 1, max: 10 }],
    [[0.04, 0.26], { median: 0.1, min: 0, max: 0.3 }],
  ])('of %j is %j', (values, expected) => {
    expect(spread(values)).toEqual(expected);
  });

  it('of nothing does not exist', () => {
    expect(() => spread([])).toThrow(RangeError);
  });
});

describe('a row of the failover report', () => {
  it('sums its runs up', () => {
    const runs = [
      { outageMs: 900, twoHoldersMs: 0, returnOutageMs: 4 },
      { outageMs: 1100, twoHoldersMs: 10, returnOutageMs: 6 },
    ];
    expect(failoverRow(poweroff, runs)).toEqual({
      ...poweroff,
      runs: 2,
      outageMs: { median: 1000, min: 900, max: 1100 },
      twoHoldersMs: { median: 5, min: 0, max: 10 },
      returnOutageMs: { median: 5, min: 4, max: 6 },
    });
  });

  it('says nothing of a return where there was none', () => {
    const row = failoverRow({ ...poweroff, fault: 'move' }, [{ outageMs: 5, twoHoldersMs: 0 }]);
    expect(row).not.toHaveProperty('returnOutageMs');
    expect(failoverTable([row])).toMatch(/^move +vippool:default +1 +5 \(5-5\) +0 \(0-0\) +-$/m);
  });
});
