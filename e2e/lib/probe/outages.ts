export interface AnsweredProbe {
  /** Number of the probe to this VIP. */
  readonly sequence: number;
  /** CLOCK_MONOTONIC, milliseconds. */
  readonly sentAt: number;
  readonly host: string;
}

export interface Outages {
  /** Longest time that no probe was answered, milliseconds; 0 where every probe was. */
  readonly longestMs: number;
  /** When the first answered probe since then was sent; undefined where none was. */
  readonly firstAnsweredAt: number | undefined;
}

/** An answer may be on its way for so long before its probe counts as lost. */
const PATIENCE_MS = 100;

/**
 * The longest time between two answered probes with at least one lost probe between them, less the one interval that is
 * there without any loss. Neighbouring probes far apart are the prober's own lateness and count as nothing.
 * Counted from `since` until `last`, the newest probe that was sent.
 */
export function outagesOf(
  answered: readonly AnsweredProbe[],
  since: number,
  last: { readonly sequence: number; readonly sentAt: number },
  intervalMs: number,
): Outages {
  const inOrder = [...answered].sort((a, b) => a.sequence - b.sequence);
  let longestMs = 0;
  let before: { sequence: number; sentAt: number } = { sequence: -1, sentAt: since - intervalMs };
  for (const probe of inOrder) {
    if (probe.sentAt >= since && probe.sequence > before.sequence + 1) {
      const from = Math.max(before.sentAt, since - intervalMs);
      longestMs = Math.max(longestMs, probe.sentAt - from - intervalMs);
    }
    before = probe;
  }
  // What was lost at the end counts once it has been out for longer than any answer takes.
  if (last.sentAt - before.sentAt > PATIENCE_MS && last.sequence > before.sequence + 1) {
    longestMs = Math.max(longestMs, last.sentAt - Math.max(before.sentAt, since - intervalMs) - intervalMs);
  }
  return { longestMs, firstAnsweredAt: inOrder.find((probe) => probe.sentAt >= since)?.sentAt };
}
