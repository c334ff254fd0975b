import { describe, expect, test } from '@jest/globals';

/**
 * A suite that needs something of the machine. `missing` says what is not there (undefined: all is there): the suite is
 * skipped with that reason in its title, or fails where STRICT=1 demands that nothing is skipped.
 */
export function describeWith(missing: string | undefined, title: string, fn: () => void): void {
  if (missing === undefined) describe(title, fn);
  else if (process.env['STRICT'] === '1') test(title, () => expect(`missing: ${missing}`).toBe('nothing missing'));
  else describe.skip(`${title} [skipped: ${missing}]`, fn);
}
