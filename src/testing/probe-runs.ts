import type { CheckProbe, ProbeOutcome } from '../core/checks.ts';
import { poolName } from '../core/ids.ts';
import type { Probe, ProbeContext } from '../ports/check-probe.ts';

export const probeContext = (timeoutMs: number): ProbeContext => ({
  node: 'a',
  pool: poolName('nas'),
  check: 'service',
  role: 'Holder',
  vips: [],
  timeoutMs,
});

/** One run, cut off after `timeoutMs` as the agent does it. */
export async function runProbe<P extends CheckProbe>(
  probe: Probe<P>,
  check: P,
  timeoutMs = 2_000,
): Promise<ProbeOutcome> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    return await probe.run(check, probeContext(timeoutMs), abort.signal);
  } finally {
    clearTimeout(timer);
  }
}
