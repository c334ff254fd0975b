/** One cluster, made anew when a fault has broken it. */
import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Fault } from '../../matrix/fault.ts';
import { takeover } from '../../matrix/promises.ts';
import { type Trial, tryOnce } from '../../matrix/trial.ts';
import type { ClusterFault } from './fault.ts';
import { ClusterScene, type ClusterSceneOptions } from './scene.ts';

const LOGS = resolve(import.meta.dirname, '../../../reports/cluster-logs');
/** Faults are watched for longer than they may last. */
const BEYOND_BOUND_MS = 300;

export class Workbench {
  readonly options: ClusterSceneOptions;
  #scene: ClusterScene | undefined;

  constructor(options: ClusterSceneOptions) {
    this.options = options;
  }

  /** @throws Error where the cluster was not whole before. */
  async try(fault: ClusterFault): Promise<Trial> {
    const { profile } = this.options;
    const scene = (this.#scene ??= await ClusterScene.start(this.options));
    const watchMs = Math.max(takeover(profile), fault.promised(profile)) + BEYOND_BOUND_MS;
    return await tryOnce(scene, asMatrixFault(fault), watchMs);
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
