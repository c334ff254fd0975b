import { absent, type Contradiction, type OptionTable } from '../option.ts';
import { anObjectName, type ObjectName } from '../values/names.ts';
import type { SourceConfig } from '../values/source.ts';

/** How a controller knows that it ends for good. */
export interface LeavingOptions {
  readonly statefulSet: ObjectName | undefined;
}

export const LEAVING: OptionTable<LeavingOptions> = {
  statefulSet: {
    flag: 'stateful-set',
    type: anObjectName,
    default: absent('every end is taken for a restart'),
    meaning:
      'Kubernetes StatefulSet of the controllers, whose pods have the ids of the controllers as names. A controller that is ' +
      'ended because there shall be fewer of them leaves the electorate first.',
  },
};

export function leavingContradictions(
  config: Partial<LeavingOptions & { readonly source: SourceConfig }>,
): readonly Contradiction[] {
  if (config.statefulSet === undefined || config.source?.kind !== 'directory') return [];
  return [
    { flag: LEAVING.statefulSet.flag, message: 'needs the Kubernetes API: write --source kubernetes, or remove it' },
  ];
}
