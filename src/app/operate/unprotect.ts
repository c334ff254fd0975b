import { errorText } from '../../core/error-text.ts';
import { addMs } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DaemonPod, PoolProtection, ProtectedPool } from '../../ports/pool-protection.ts';

const POLL_MS = 500;

/** What was found, or done. */
export type UnprotectReport =
  | {
      readonly kind: 'tried';
      readonly unprotected: readonly ProtectedPool[];
      readonly failed: readonly { readonly pool: ProtectedPool; readonly why: string }[];
    }
  /** These did not end in time, so every pool stays as it is. */
  | { readonly kind: 'refused'; readonly daemons: readonly DaemonPod[] };

/**
 * Unprotects every pool when no agent and no controller runs any more: an agent may hold addresses of a pool that would be
 * gone, and a master would protect it again.
 */
export async function unprotect(protection: PoolProtection, clock: Clock, timeoutMs: number): Promise<UnprotectReport> {
  // Where nothing is to do nobody waits, not even for a node that never answers again.
  if ((await protection.protectedPools()).length === 0) return NOTHING_TO_DO;
  const daemons = await thoseThatStay(protection, clock, timeoutMs);
  if (daemons.length > 0) return { kind: 'refused', daemons };
  // Until the last moment a master may have released some of them.
  return takeAll(protection, await protection.protectedPools());
}

const NOTHING_TO_DO: UnprotectReport = { kind: 'tried', unprotected: [], failed: [] };

/** One that fails leaves the others their chance. */
async function takeAll(protection: PoolProtection, pools: readonly ProtectedPool[]): Promise<UnprotectReport> {
  const unprotected: ProtectedPool[] = [];
  const failed: { pool: ProtectedPool; why: string }[] = [];
  for (const pool of pools) {
    try {
      await protection.unprotect(pool.name);
      unprotected.push(pool);
    } catch (error) {
      failed.push({ pool, why: errorText(error) });
    }
  }
  return { kind: 'tried', unprotected, failed };
}

async function thoseThatStay(
  protection: PoolProtection,
  clock: Clock,
  timeoutMs: number,
): Promise<readonly DaemonPod[]> {
  const end = addMs(clock.now(), timeoutMs);
  for (;;) {
    const daemons = await protection.daemons();
    if (daemons.length === 0 || clock.now() >= end) return daemons;
    await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve));
  }
}
