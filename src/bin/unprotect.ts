import { KubeconfigAccess } from '../adapters/kube/cluster-access.ts';
import { KubePoolProtection } from '../adapters/kube/kube-pool-protection.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { unprotect, type UnprotectReport } from '../app/operate/unprotect.ts';
import type { DaemonPod } from '../ports/pool-protection.ts';
import type { UnprotectConfig } from '../config/options/operate.ts';
import { formatDuration } from '../core/time.ts';
import { NOT_DONE, type Outcome, refusal, unreadable } from './outcome.ts';

/** `vippool unprotect` */
export async function runUnprotect({ kubeconfig, namespace, timeoutMs }: UnprotectConfig): Promise<Outcome> {
  const cluster = new KubeconfigAccess(kubeconfig === undefined ? {} : { path: kubeconfig });
  const protection = new KubePoolProtection({ cluster, namespace });
  try {
    return outcomeOf(await unprotect(protection, systemClock, timeoutMs), timeoutMs);
  } catch (error) {
    return unreadable(error, 'cannot read pools or pods');
  } finally {
    await protection.close();
  }
}

const named = ({ name, node }: DaemonPod): string => `pod ${name}${node === undefined ? '' : ` on node ${node}`}`;

function outcomeOf(report: UnprotectReport, timeoutMs: number): Outcome {
  switch (report.kind) {
    case 'refused':
      return refusal([
        ...report.daemons.map((pod) => `${named(pod)} has not ended after ${formatDuration(timeoutMs)}`),
        'no pool was changed: uninstall the release first, or wait longer with --timeout',
      ]);
    case 'tried': {
      const { unprotected, failed, overdue } = report;
      const lines = unprotected.map(
        ({ name, deleting }) => `${name}: ${deleting ? 'released' : 'not protected now'}\n`,
      );
      const left = overdue.map((pod) => `${named(pod)} has not ended: its node does not answer\n`);
      const none = unprotected.length + failed.length === 0 ? 'no pool has the finalizer\n' : '';
      const { errors = '' } = refusal(failed.map(({ pool, why }) => `${pool.name}: ${why}`));
      return { exitCode: failed.length === 0 ? 0 : NOT_DONE, output: [none, ...left, ...lines].join(''), errors };
    }
  }
}
