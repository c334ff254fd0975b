import type { ControllerConfig } from '../config/options/controller.ts';
import { OpError } from '../core/op-error.ts';

/** Placeholder until the controller's composition root is merged. */
export function runController(config: ControllerConfig): Promise<void> {
  return Promise.reject(new OpError('Internal', `controller ${config.id} is not part of this build`));
}
