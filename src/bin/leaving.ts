import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient } from '../adapters/kube/api-client.ts';
import { KubeconfigAccess } from '../adapters/kube/cluster-access.ts';
import { wantedReplicas } from '../adapters/kube/kube-replicas.ts';
import type { ControllerConfig } from '../config/options/controller.ts';
import { ordinalOf, staying } from '../core/pod-ordinal.ts';
import type { ElectorateMember } from '../core/electorate.ts';
import type { Log } from '../ports/log.ts';

/** An answer is asked for so often: a member that ends for good without leaving is missed by the others. */
const ATTEMPTS = 5;
const PAUSE_MS = 1_000;

/** The controllers that there shall be, where this one is none of them; undefined: it ends only to start again. */
export async function whoStaysWithoutUs(
  { id, statefulSet, kubeconfig }: ControllerConfig,
  controllers: readonly ElectorateMember[],
  log: Log,
): Promise<readonly ElectorateMember[] | undefined> {
  const own = ordinalOf(id);
  if (statefulSet === undefined || own === undefined) return undefined;
  const api = new ApiClient(new KubeconfigAccess(kubeconfig === undefined ? {} : { path: kubeconfig }));
  try {
    const replicas = await persistently(() => wantedReplicas(api, statefulSet));
    return replicas === undefined || replicas === 0 || own < replicas ? undefined : staying(controllers, replicas);
  } catch (err) {
    log.log('warn', 'it is not known whether this controller ends for good; it stays in the electorate', { err });
    return undefined;
  } finally {
    await api.close();
  }
}

/** Throws what the last attempt threw. */
async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    try {
      return await ask();
    } catch {
      await pause(PAUSE_MS);
    }
  }
  return ask();
}
