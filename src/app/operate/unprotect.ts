import { errorText } from '../../core/error-text.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DaemonPod, PoolProtection, ProtectedPool } from '../../ports/pool-protection.ts';
import { pause } from '../pause.ts';

const POLL_MS = 500;
/** A kubelet that runs has told by then that a pod has ended. */
const KUBELET_MS = 5_000;

/** What was found, or done. */
export type UnprotectReport =
  | {
      readonly kind: 'tried';
      readonly unprotected: readonly ProtectedPool[];
      readonly failed: readonly { readonly pool: ProtectedPool; readonly why: string }[];
      /** Of nodes that do not answer. */
      readonly overdue: readonly DaemonPod[];
    }
  /** These did not end in time, so every pool stays as it is. */
  | { readonly kind: 'refused'; readonly daemons: readonly DaemonPod[] };

/**
 * Unprotects every pool when no agent and no controller runs any more: an agent may hold addresses of a pool that would be
 * gone, and a master would protect it again. Nobody waits for a node that does not answer: with the controllers gone its
 * agent holds nothing beyond its lease, or beyond the confirmations of peers that are gone as well.
 */
export async function unprotect(protection: PoolProtection, clock: Clock, timeoutMs: number): Promise<UnprotectReport> {
  // Where nothing is to do nobody waits, not even for a node that never answers again.
  if ((await protection.protectedPools()).length === 0) return NOTHING_TO_DO;
  const { daemons, areOverdue } = await thoseThatStay(protection, clock, timeoutMs);
  if (!areOverdue) return { kind: 'refused', daemons };
  // Until the last moment a master may have released some of them.
  return takeAll(protection, await protection.protectedPools(), daemons);
}

const NOTHING_TO_DO: UnprotectReport = { kind: 'tried', unprotected: [], failed: [], overdue: [] };

/** One that fails leaves the others their chance. */
async function takeAll(
  protection: PoolProtection,
  pools: readonly ProtectedPool[],
  overdue: readonly DaemonPod[],
): Promise<UnprotectReport> {
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
  return { kind: 'tried', unprotected, failed, overdue };
}

interface Staying {
  readonly daemons: readonly DaemonPod[];
  /** Each of them was told to end, and had its time for that since we began to look. */
  readonly areOverdue: boolean;
}

async function thoseThatStay(protection: PoolProtection, clock: Clock, timeoutMs: number): Promise<Staying> {
  const begin = clock.now();
  for (;;) {
    const daemons = await protection.daemons();
    const waitedMs = clock.now() - begin;
    const areOverdue = daemons.every(({ graceMs }) => graceMs !== undefined && waitedMs >= graceMs + KUBELET_MS);
    if (areOverdue || waitedMs >= timeoutMs) return { daemons, areOverdue };
    await pause(clock, POLL_MS);
  }
}
