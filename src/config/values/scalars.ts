import { formatDuration, parseDuration } from '../../core/time.ts';
import { bad, good, list, single, type Read, type ValueType } from './value-type.ts';

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[]): ValueType<T> {
  return single(words.join('|'), (text) => {
    const word = words.find((candidate) => candidate === text);
    return word === undefined ? bad(`"${text}" is not allowed; write ${alternatives(words)}`) : good(word);
  });
}

/** On or off; the flag alone means on. */
export const aSwitch: ValueType<boolean> = {
  ...single('', (text) =>
    text === 'true' || text === 'false'
      ? good(text === 'true')
      : bad(`"${text}" is not allowed; write true or false, or the flag alone`),
  ),
  bare: 'true',
};

/** A whole number within bounds, both included. */
export function integer(min: number, max: number): ValueType<number> {
  return single('NUMBER', (text) => {
    const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max
      ? good(value)
      : bad(`"${text}" is not allowed; write a whole number from ${min} to ${max}`);
  });
}

/** A duration in milliseconds within bounds, both included; `stepMs` is the unit that it must be a multiple of. */
export function duration(bounds: { minMs: number; maxMs: number; stepMs?: number }): ValueType<number> {
  const { minMs, maxMs, stepMs = 1 } = bounds;
  const range = `from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  return single('DURATION', (text) => {
    const ms = parseDuration(text);
    if (ms === undefined) return bad(`"${text}" is not a duration; write for example 200ms, 1s or 1m30s`);
    if (ms < minMs || ms > maxMs) return bad(`${text} is out of range; write a duration ${range}`);
    if (ms % stepMs === 0) return good(ms);
    const below = Math.max(minMs, Math.floor(ms / stepMs) * stepMs);
    return bad(`${text} is not a whole number of ${unitOf(stepMs)}; write for example ${formatDuration(below)}`);
  });
}

const unitOf = (stepMs: number): string => (stepMs === 1_000 ? 'seconds' : 'milliseconds');

/** "a, b or c" */
function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** The path of a file or directory; relative paths start at the working directory unless `absolute` is set. */
export function path(options: { absolute: boolean } = { absolute: false }): ValueType<string> {
  return single('PATH', (text) => readPath(text, options));
}

/** Absolute paths, each of them once. */
export const absolutePaths: ValueType<readonly string[]> = list(
  'PATH',
  (text) => readPath(text, { absolute: true }),
  (text) => text,
);

/** Paths, each of them once; relative ones start at the working directory. */
export const paths: ValueType<readonly string[]> = list(
  'PATH',
  (text) => readPath(text, { absolute: false }),
  (text) => text,
);

function readPath(text: string, { absolute }: { absolute: boolean }): Read<string> {
  if (text === '') return bad('the path is empty; write the path of a file or directory');
  if (text.includes('\0')) return bad('the path contains a NUL character; remove it');
  if (absolute && !text.startsWith('/')) return bad(`"${text}" is not absolute; write a path that begins with /`);
  return good(text);
}
