import { editDistance } from '../core/nearest-name.ts';

/** The candidate that the word was probably meant to be, or undefined where none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const letters = lettersOf(word);
  const distances = candidates.map((name) => ({ name, distance: editDistance(letters, lettersOf(name)) }));
  const [best] = distances.toSorted((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(1, Math.floor(letters.length / 3)) ? best.name : undefined;
}

/** "; did you mean --lease-duration?", or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const name = nearest(word, candidates);
  return name === undefined ? '' : `; did you mean ${name}?`;
}

/** leaseDuration, lease-duration, VIPPOOL_LEASE_DURATION and --lease-duration are the same to a reader. */
const lettersOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^vippool_/, '')
    .replaceAll(/[^a-z0-9]/g, '');
