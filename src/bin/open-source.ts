import type { SourceOptions } from '../config/options/source.ts';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Random } from '../ports/random.ts';
import type { Source } from '../ports/source.ts';

/** The source that the configuration names, not started. Loads only what that one needs. */
export async function openSource(
  { source, kubeconfig }: SourceOptions,
  { clock, random, metrics }: { readonly clock: Clock; readonly random: Random; readonly metrics?: Metrics },
): Promise<Source> {
  switch (source.kind) {
    case 'kubernetes': {
      const { KubeSource } = await import('../adapters/kube/kube-source.ts');
      const { KubeconfigAccess } = await import('../adapters/kube/cluster-access.ts');
      const cluster = new KubeconfigAccess(kubeconfig === undefined ? {} : { path: kubeconfig });
      return new KubeSource({ cluster, clock, random, ...(metrics && { metrics }) });
    }
    case 'directory': {
      const { DirectorySource } = await import('../adapters/directory/directory-source.ts');
      return new DirectorySource({ path: source.path, clock, random });
    }
  }
}
