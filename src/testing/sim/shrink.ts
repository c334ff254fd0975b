/** Makes a failing schedule short: fewer faults, shorter ones, simpler ones, as long as it still fails in the same way. */
import type { Action } from './actions.ts';

/** Tries at most; a schedule takes milliseconds. */
const MAX_TRIES = 400;

/** @param fails whether this schedule breaks the same promise */
export function shrink(actions: readonly Action[], fails: (candidate: readonly Action[]) => boolean): Action[] {
  let best = [...actions];
  let tries = 0;
  const attempt = (candidate: readonly Action[]): boolean => {
    if (tries >= MAX_TRIES) return false;
    tries++;
    if (!fails(candidate)) return false;
    best = [...candidate];
    return true;
  };
  for (;;) {
    const before = best;
    removeParts(() => best, attempt);
    simplifyEach(() => best, attempt);
    if (best === before) return best;
  }
}

/** Delta debugging: halves first, then ever smaller parts, down to single actions. */
function removeParts(current: () => readonly Action[], attempt: (candidate: readonly Action[]) => boolean): void {
  for (let size = Math.ceil(current().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < current().length;) {
      const list = current();
      if (!attempt([...list.slice(0, from), ...list.slice(from + size)])) from += size;
    }
  }
}

function simplifyEach(current: () => readonly Action[], attempt: (candidate: readonly Action[]) => boolean): void {
  for (let index = 0; index < current().length; index++) {
    const replace = (over: Partial<Action>): boolean =>
      attempt(current().map((action, at) => (at === index ? { ...action, ...over } : action)));
    const ms = current()[index]?.ms ?? 0;
    for (const shorter of [0.25, 0.5, 0.8].map((share) => Math.round(ms * share))) {
      if (shorter < ms && replace({ ms: shorter })) break;
    }
  }
}
