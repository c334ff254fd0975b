import { controllerIdentity } from '../../core/identity.ts';
import type { ElectorateMember } from '../../core/electorate.ts';
import type { ControllerId } from '../../core/ids.ts';
import type { AgentMessage, ControllerMessage } from '../../core/messages.ts';
import { ClientStream } from './client-stream.ts';
import { callSecurity } from './credentials.ts';
import type { ControllerLinkOptions } from './grpc-controller-link.ts';
import { Refusals } from './refusals.ts';
import { SESSION } from './session-method.ts';

/**
 * Tries out whether controllers let us in, and says nothing to them: no session begins.
 * Resolves when a majority of them has.
 *
 * @param signal ends the attempts; it then never resolves
 */
export function majorityLetsIn(
  controllers: readonly ElectorateMember[],
  options: ControllerLinkOptions,
  signal: AbortSignal,
): Promise<void> {
  const securityOf = callSecurity(options);
  const refusals = new Refusals(options);
  const needed = Math.floor(controllers.length / 2) + 1;
  const letIn = new Set<ControllerId>();
  return new Promise((resolve) => {
    const streams = controllers.map(({ id, address }) => {
      const security = securityOf(controllerIdentity(id));
      const stream = new ClientStream<AgentMessage, ControllerMessage>(
        { ...options, address, security, refusals, method: SESSION },
        ({ kind }) => {
          if (kind !== 'opened') return;
          void stream.close();
          letIn.add(id);
          if (letIn.size === needed) end();
        },
      );
      return stream;
    });
    const close = (): void => void Promise.all(streams.map((stream) => stream.close()));
    const end = (): void => {
      close();
      resolve();
    };
    signal.addEventListener('abort', close, { once: true });
    for (const stream of streams) stream.open();
  });
}
