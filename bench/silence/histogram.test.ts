import { expect, test } from '@jest/globals';
import { histogram, histogramText } from './histogram.ts';

test('every value lies in one bucket, those at or beyond the limit in the last', () => {
  expect(histogram([62, 79, 80, 104.9, 105, 400], 20, 105)).toEqual([
    { fromMs: 60, toMs: 80, count: 2 },
    { fromMs: 80, toMs: 100, count: 1 },
    { fromMs: 100, toMs: 105, count: 1 },
    { fromMs: 105, count: 2 },
  ]);
});

test('without values only the last bucket is there', () => {
  expect(histogram([], 20, 105)).toEqual([{ fromMs: 105, count: 0 }]);
});

test('bars are relative to the fullest bucket', () => {
  const text = histogramText([
    { fromMs: 60, toMs: 80, count: 4 },
    { fromMs: 80, toMs: 105, count: 2 },
    { fromMs: 105, count: 0 },
  ]);
  expect(text.split('\n').map((line) => [line.includes('105 -'), line.split('#').length - 1])).toEqual([
    [false, 40],
    [false, 20],
    [true, 0],
  ]);
});
