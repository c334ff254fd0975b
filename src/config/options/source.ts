import { absent, required, text, type Contradiction, type OptionTable } from '../option.ts';
import { path } from '../values/scalars.ts';
import { aSource, type SourceConfig } from '../values/source.ts';

/** Where VipPools are read. */
export interface SourceOptions {
  readonly source: SourceConfig;
  /** Undefined: the first of $KUBECONFIG, ~/.kube/config, the pod's service account. */
  readonly kubeconfig: string | undefined;
}

const kubeconfig: OptionTable<SourceOptions>['kubeconfig'] = {
  flag: 'kubeconfig',
  type: path(),
  default: absent("the first of $KUBECONFIG, ~/.kube/config and the pod's service account"),
  meaning: 'Kubeconfig file for --source kubernetes.',
};

/** For the controller, whose administrator has to choose. */
export const SOURCE: OptionTable<SourceOptions> = {
  source: {
    flag: 'source',
    type: aSource,
    default: required,
    meaning:
      'Where VipPools are declared and their status is written: the Kubernetes API, or a directory of YAML manifests ' +
      'that is watched.',
  },
  kubeconfig,
};

/** For people at a terminal, most of whom have a kubeconfig. */
export const QUERY_SOURCE: OptionTable<SourceOptions> = {
  source: {
    flag: 'source',
    type: aSource,
    default: text('kubernetes'),
    meaning: 'Where to read: the Kubernetes API, or the directory of manifests that a controller works on.',
  },
  kubeconfig,
};

export function sourceContradictions(config: Partial<SourceOptions>): readonly Contradiction[] {
  if (config.source?.kind !== 'directory' || config.kubeconfig === undefined) return [];
  return [{ flag: kubeconfig.flag, message: 'has no effect with --source dir:PATH; remove one of the two' }];
}
