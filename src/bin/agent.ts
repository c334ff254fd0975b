import type { AgentConfig } from '../config/options/agent.ts';
import { OpError } from '../core/op-error.ts';

/** Placeholder until the agent's composition root is merged. */
export function runAgent(config: AgentConfig): Promise<void> {
  return Promise.reject(new OpError('Internal', `agent ${config.nodeName} is not part of this build`));
}
