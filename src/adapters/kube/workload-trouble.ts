/** What is wrong with pods and what keeps them, in words. Says nothing of what is well. */
import { isRecord } from './objects.ts';

type Json = Readonly<Record<string, unknown>>;

export function workloadTroubles(kind: 'DaemonSet' | 'StatefulSet', object: Json): readonly string[] {
  const [spec, status] = [field(object, 'spec'), field(object, 'status')];
  const wanted = kind === 'DaemonSet' ? number(status, 'desiredNumberScheduled') : number(spec, 'replicas', 1);
  const ready = number(status, kind === 'DaemonSet' ? 'numberReady' : 'readyReplicas');
  const updated = number(status, kind === 'DaemonSet' ? 'updatedNumberScheduled' : 'updatedReplicas');
  const seen = number(status, 'observedGeneration');
  return [
    ...(wanted === 0 ? ['wants no pods: no node matches it, or it was scaled to 0'] : []),
    ...(ready < wanted ? [`${ready} of ${wanted} pods are ready`] : []),
    ...(updated < wanted ? [`${updated} of ${wanted} pods are of its present version`] : []),
    ...(seen < number(field(object, 'metadata'), 'generation') ? ['its last change was not taken up'] : []),
  ];
}

export function podTroubles(pod: Json): readonly string[] {
  const status = field(pod, 'status');
  const conditions = list(status, 'conditions').filter(
    (condition) => condition['status'] === 'False' && ['PodScheduled', 'Ready'].includes(text(condition, 'type')),
  );
  const phase = text(status, 'phase');
  // A pod that has done its work is not ready either.
  const isOver = phase === 'Succeeded';
  return [
    ...(['Running', 'Succeeded'].includes(phase)
      ? []
      : [joined(`is ${phase}`, text(status, 'reason'), text(status, 'message'))]),
    ...(isOver
      ? []
      : conditions.map((item) => joined(`not ${text(item, 'type')}`, text(item, 'reason'), text(item, 'message')))),
    ...containerStatuses(pod).flatMap(containerTroubles),
  ];
}

/** Of all containers of a pod, the initial ones first. */
export const containerStatuses = (pod: Json): readonly Json[] =>
  ['initContainerStatuses', 'containerStatuses'].flatMap((name) => list(field(pod, 'status'), name));

export const restartsOf = (container: Json): number => number(container, 'restartCount');

function containerTroubles(container: Json): readonly string[] {
  const name = `container ${text(container, 'name')}`;
  const waiting = field(field(container, 'state'), 'waiting');
  const last = field(field(container, 'lastState'), 'terminated');
  const restarts = restartsOf(container);
  const ended =
    text(last, 'reason') === ''
      ? ''
      : `, the last time by ${text(last, 'reason')} (exit code ${number(last, 'exitCode')}) at ${text(last, 'finishedAt')}`;
  return [
    ...(text(waiting, 'reason') === ''
      ? []
      : [joined(`${name} waits`, text(waiting, 'reason'), text(waiting, 'message'))]),
    ...(restarts === 0 ? [] : [`${name} was restarted ${restarts === 1 ? 'once' : `${restarts} times`}${ended}`]),
  ];
}

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(': ');

export const field = (object: unknown, name: string): unknown => (isRecord(object) ? object[name] : undefined);

export function text(object: unknown, name: string): string {
  const value = field(object, name);
  return typeof value === 'string' ? value : '';
}

export function list(object: unknown, name: string): readonly Json[] {
  const value = field(object, name);
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function number(object: unknown, name: string, otherwise = 0): number {
  const value = field(object, name);
  return typeof value === 'number' ? value : otherwise;
}
