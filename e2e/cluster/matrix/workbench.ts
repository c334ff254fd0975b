/** One cluster, made anew when a fault has broken it. */
import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Fault } from '../../matrix/fault.ts';
import { takeover } from '../../matrix/promises.ts';
import { type Trial, tryOnce } from '../../matrix/trial.ts';
import type { ClusterFault } from './fault.ts';
import { endedSince, livesOf } from './lives.ts';
import { ClusterScene, type ClusterSceneOptions } from './scene.ts';
import type { Course } from './steps.ts';

const LOGS = resolve(import.meta.dirname, '../../../reports/cluster-logs');
/** Faults are watched for longer than they may last. */
const BEYOND_BOUND_MS = 300;

/** A trial with what its fault saw by itself. Its failure names every promise beside outages that was found broken. */
export interface ClusterTrial extends Trial {
  /** Only of a fault of several steps. */
  readonly course?: Course;
}

export class Workbench {
  readonly options: ClusterSceneOptions;
  #scene: ClusterScene | undefined;

  constructor(options: ClusterSceneOptions) {
    this.options = options;
  }

  /** @throws Error where the cluster was not whole before. */
  async try(fault: ClusterFault): Promise<ClusterTrial> {
    const { profile } = this.options;
    const scene = (this.#scene ??= await ClusterScene.start(this.options));
    const watchMs = Math.max(takeover(profile), fault.promised(profile)) + BEYOND_BOUND_MS;
    const before = fault.keepsPods ? await livesOf(scene.kube) : undefined;
    const trial = await tryOnce(scene, asMatrixFault(fault), watchMs);
    const { course } = scene;
    scene.course = undefined;
    const broken = [
      ...(trial.failure === undefined ? [] : [trial.failure]),
      ...scene.findings.splice(0),
      ...(before ? await endedSince(before, scene.kube) : []),
    ];
    return { ...trial, ...(course ? { course } : {}), ...(broken.length > 0 ? { failure: broken.join('; ') } : {}) };
  }

  /** Of all programs and pods since the cluster was made; nothing where it could not be made. */
  keepLogs(name: string): void {
    if (this.#scene) cpSync(this.#scene.lab.logs, join(LOGS, name), { recursive: true });
  }

  async clear(): Promise<void> {
    const scene = this.#scene;
    this.#scene = undefined;
    await scene?.stop();
  }
}

/** The scene that it is given is always the one of a cluster. */
export const asMatrixFault = (fault: ClusterFault): Fault => ({
  ...fault,
  inflict: (scene, roles) => fault.inflict(scene as ClusterScene, roles),
});
