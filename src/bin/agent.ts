import { GrpcControllerLink } from '../adapters/grpc/grpc-controller-link.ts';
import { readHostIdentity } from '../adapters/linux/host-identity.ts';
import { LinuxNetwork } from '../adapters/linux/linux-network.ts';
import { FileAgentMemory } from '../adapters/memory-file/file-agent-memory.ts';
import { systemClock as clock } from '../adapters/system/system-clock.ts';
import { systemRandom as random } from '../adapters/system/system-random.ts';
import { systemSockets as sockets } from '../adapters/system/system-sockets.ts';
import { AgentLoop } from '../app/agent/agent-loop.ts';
import type { AgentConfig } from '../config/options/agent.ts';
import { programVersion } from '../config/process.ts';
import { observability } from './observability.ts';
import { endOfProcess } from './termination.ts';

/** Runs the agent until it is told to stop. */
export async function runAgent(config: AgentConfig): Promise<void> {
  const { log, metrics, close } = await observability(config, { component: 'agent', node: config.nodeName });
  const identity = readHostIdentity();
  const controllers = config.controllers.map(({ id, host, port }) => ({
    id,
    address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
  }));
  const network = new LinuxNetwork(
    {
      interfaces: config.interfaces,
      allowedAddresses: config.allowedAddresses,
      lifetimeSeconds: config.addressLifetimeMs / 1_000,
    },
    { clock, log, metrics },
  );
  const link = new GrpcControllerLink({ controllers, clock, random, sockets, log, metrics });
  const memory = new FileAgentMemory(config.stateDir, identity.bootId);
  const agent = new AgentLoop(
    { clock, random, log, metrics, network, link, memory },
    {
      node: config.nodeName,
      ...identity,
      labels: config.labels,
      agentVersion: programVersion(),
      controllers: controllers.map(({ id }) => id),
      interfaces: config.interfaces,
      allowedAddresses: config.allowedAddresses,
      timing: config,
      addressLifetimeMs: config.addressLifetimeMs,
    },
  );
  await agent.start();
  const signal = await endOfProcess();
  log.log('info', 'stopping', { signal, mode: config.onStop });
  await agent.stop(config.onStop);
  await close();
}
