import type { SourceOptions } from '../config/options/source.ts';
import type { Clock } from '../ports/clock.ts';
import type { ManifestWriter } from '../ports/manifest-writer.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Random } from '../ports/random.ts';
import type { Source } from '../ports/source.ts';

export interface SourceNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics?: Metrics;
  /** Who tells events, of several controllers. */
  readonly instance?: string;
  /** Whether tasks are read too; who does not need them needs no rights for them. Default true. */
  readonly tasks?: boolean;
  /** Whether the labels of hosts are read too, where the source knows them. Default false. */
  readonly hostLabels?: boolean;
}

/** The source that the configuration names, not started. Loads only what that one needs. */
export async function openSource(
  { source, kubeconfig }: SourceOptions,
  { clock, random, metrics, instance, tasks = true, hostLabels = false }: SourceNeeds,
): Promise<Source> {
  switch (source.kind) {
    case 'kubernetes': {
      const { KubeSource } = await import('../adapters/kube/kube-source.ts');
      const { KubeconfigAccess } = await import('../adapters/kube/cluster-access.ts');
      const cluster = new KubeconfigAccess(kubeconfig === undefined ? {} : { path: kubeconfig });
      return new KubeSource({
        cluster,
        clock,
        random,
        tasks,
        hostLabels,
        ...(metrics && { metrics }),
        ...(instance !== undefined && { instance }),
      });
    }
    case 'directory': {
      const { DirectorySource } = await import('../adapters/directory/directory-source.ts');
      return new DirectorySource({ path: source.path, clock, random });
    }
  }
}

/** Where the commands of people write, by the same configuration. */
export async function openWriter({ source, kubeconfig }: SourceOptions, random: Random): Promise<ManifestWriter> {
  switch (source.kind) {
    case 'kubernetes': {
      const { KubeManifestWriter } = await import('../adapters/kube/kube-manifest-writer.ts');
      const { KubeconfigAccess } = await import('../adapters/kube/cluster-access.ts');
      return new KubeManifestWriter(new KubeconfigAccess(kubeconfig === undefined ? {} : { path: kubeconfig }));
    }
    case 'directory': {
      const { DirectoryManifestWriter } = await import('../adapters/directory/directory-manifest-writer.ts');
      return new DirectoryManifestWriter(source.path, random);
    }
  }
}
