import { expect, test } from '@jest/globals';
import { bucketsOf, worstBetween } from './exposition.ts';

const text = (low: number, middle: number, all: number): string => `# HELP trip_seconds Something.
trip_seconds_bucket{le="0.001",controller="a"} ${low}
trip_seconds_bucket{le="0.05",controller="a"} ${middle}
trip_seconds_bucket{le="+Inf",controller="a"} ${all}
trip_seconds_bucket{le="0.001",controller="b"} 1
trip_seconds_bucket{le="0.05",controller="b"} 1
trip_seconds_bucket{le="+Inf",controller="b"} 1
trip_seconds_sum{controller="a"} 7
other_trip_seconds_bucket{le="0.001"} 9
`;
const buckets = (low: number, middle: number, all: number) => bucketsOf(text(low, middle, all), 'trip_seconds');

test('buckets of all labels are added up', () => {
  expect([...buckets(3, 5, 6)]).toEqual([
    [0.001, 4],
    [0.05, 6],
    [Number.POSITIVE_INFINITY, 7],
  ]);
});

test('the worst is that of what came in between', () => {
  expect(worstBetween(buckets(3, 5, 6), buckets(9, 11, 12))).toBe(0.001);
  expect(worstBetween(buckets(3, 5, 6), buckets(9, 12, 13))).toBe(0.05);
  expect(worstBetween(buckets(3, 5, 6), buckets(9, 12, 14))).toBe(Number.POSITIVE_INFINITY);
});

test('nothing came in between', () => {
  expect(worstBetween(buckets(3, 5, 6), buckets(3, 5, 6))).toBeUndefined();
});
