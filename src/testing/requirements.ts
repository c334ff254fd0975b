import { describe, it } from '@jest/globals';

export * from './missing.ts';

/** What becomes of a group of tests. */
export type Plan =
  | { readonly kind: 'run'; readonly title: string }
  /** Skipped, counted, and the reason stands in the title. */
  | { readonly kind: 'skip'; readonly title: string }
  | { readonly kind: 'fail'; readonly title: string; readonly reason: string };

/** @param missing why the group cannot run here, or undefined. @param strict a skip counts as a failure. */
export function planOf(missing: string | undefined, title: string, strict: boolean): Plan {
  if (missing === undefined) return { kind: 'run', title };
  if (strict) return { kind: 'fail', title, reason: missing };
  return { kind: 'skip', title: `${title} [skipped: ${missing}]` };
}

/**
 * `describe` for tests that need something of the machine.
 *
 * @param missing why they cannot run here, or undefined where they can: see the functions below.
 */
export function describeWith(missing: string | undefined, title: string, fn: () => void): void {
  const plan = planOf(missing, title, process.env['STRICT'] === '1');
  switch (plan.kind) {
    case 'run':
      describe(plan.title, fn);
      return;
    case 'skip':
      describe.skip(plan.title, fn);
      return;
    case 'fail':
      describe(plan.title, () => {
        it(`is not skipped with STRICT=1: ${plan.reason}`, () => {
          throw new Error(plan.reason);
        });
      });
  }
}
