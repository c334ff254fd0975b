import { join } from 'node:path';
import { EtcdElectionStore } from '../adapters/etcd/etcd-election-store.ts';
import { GrpcAgentServer } from '../adapters/grpc/grpc-agent-server.ts';
import { GrpcServer } from '../adapters/grpc/grpc-server.ts';
import { GrpcPeerLink } from '../adapters/grpc/grpc-peer-link.ts';
import { readBootId } from '../adapters/linux/host-identity.ts';
import { Realtime } from '../adapters/linux/realtime.ts';
import { UdpMemberProbe } from '../adapters/multicast/udp-member-probe.ts';
import { FileControllerMemory } from '../adapters/memory-file/file-controller-memory.ts';
import { rememberNames } from '../adapters/names/remembered-names.ts';
import { systemClock as clock } from '../adapters/system/system-clock.ts';
import { systemSockets as sockets } from '../adapters/system/system-sockets.ts';
import { systemRandom as random } from '../adapters/system/system-random.ts';
import { ControllerLoop } from '../app/controller/controller-loop.ts';
import type { ControllerConfig } from '../config/options/controller.ts';
import { membersOf, targetOf } from '../config/options/electorate.ts';
import { effectiveTiming } from '../config/options/timing.ts';
import { controllerIdentity } from '../core/identity.ts';
import { openCredentials, openEtcdCredentials } from './credentials.ts';
import { whoStaysWithoutUs } from './leaving.ts';
import { openIssuing } from './issuing.ts';
import type { Metrics } from '../ports/metrics.ts';
import { observability } from './observability.ts';
import { openSource } from './open-source.ts';
import { endOfProcess } from './termination.ts';

/** A master stops acting this share of the TTL before the store can give the lock away. */
const MARGIN_SHARE = 1 / 6;
const POLL_MS = 500;
/** The master has written it and knows it; the others need it when they are master. */
const NODE_STATUS_DELAY_MS = 1_000;
/** Who leaves the electorate waits so long for the others to let it go; less than a pod has to end. */
const LEAVE_MS = 100_000;

/** Runs a controller until it is told to stop. */
export async function runController(config: ControllerConfig): Promise<void> {
  const { log, metrics, toggleDebug, readyUnless, serve, close } = observability(config, {
    component: 'controller',
    controller: config.id,
  });
  await serve();
  // From the beginning on, since by default the signal ends a process.
  process.on('SIGUSR2', toggleDebug);
  rememberNames(clock);
  const { listen } = config;
  const controllers = membersOf(config.controllers ?? [{ id: config.id, ...listen }]);
  const address = controllers.find(({ id }) => id === config.id)?.address;
  const timing = effectiveTiming(config);
  const bootId = readBootId();
  const ports = { clock, random, log, metrics };
  const issuing = openIssuing(config, ports);
  if (issuing) readyUnless(() => 'there is no certificate yet');
  await issuing?.start();
  const security = await openCredentials(config, controllerIdentity(config.id), ports);
  const etcdSecurity = await openEtcdCredentials(config, ports);
  const store = new EtcdElectionStore({
    hosts: config.etcd,
    prefix: config.etcdPrefix,
    credentials: etcdSecurity.credentials,
    clock,
    sockets,
  });
  const { credentials } = security;
  const { connectionsPerAddress } = config;
  const grpc = new GrpcServer({ ...ports, listen: targetOf(listen), credentials, connectionsPerAddress });
  const peers = new GrpcPeerLink({ ...ports, sockets, self: config.id, server: grpc, credentials });
  const server = new GrpcAgentServer({ ...ports, server: grpc });
  const members = memberProbe(config, metrics);
  const memory = new FileControllerMemory(join(config.stateDir, `controller-${config.id}`), bootId);
  const needs = {
    clock,
    random,
    metrics,
    instance: config.id,
    nodeStatusDelayMs: NODE_STATUS_DELAY_MS,
    hostLabels: true,
  };
  const source = await openSource(config, needs);
  const self = { id: config.id, priority: config.priority, address: listen.host, nonce: random.hex(8) };
  const { electionTtlMs: ttlMs } = config;
  const controller = new ControllerLoop(
    { ...ports, store, server, source, peers, memory, ...(members ? { members } : {}) },
    {
      self,
      node: config.nodeName,
      bootId,
      address,
      controllers,
      timing,
      asksMembers: members !== undefined,
      election: { self, ttlMs, marginMs: ttlMs * MARGIN_SHARE, pollMs: POLL_MS },
    },
  );
  // An operator who wants another master asks for it; the controller goes on.
  process.on('SIGUSR1', () => controller.resign('asked to by SIGUSR1'));
  const realtime = new Realtime(config.realtime, clock);
  realtime.start(() => log.log('warn', 'real-time scheduling given up', { ...realtime.capability }));
  log.log('info', 'scheduling', { ...realtime.capability });
  if (credentials) await issuing?.serve(credentials);
  await controller.start();
  readyUnless(() => controller.notReady());
  const signal = await endOfProcess();
  log.log('info', 'stopping', { signal });
  const staying = await whoStaysWithoutUs(config, controllers, log);
  if (staying) await controller.leave(staying, LEAVE_MS);
  await controller.stop();
  await issuing?.stop();
  for (const opened of [security, etcdSecurity]) opened.close();
  realtime.stop();
  await close();
}

function memberProbe({ id, listen, multicastProbe }: ControllerConfig, metrics: Metrics): UdpMemberProbe | undefined {
  if (multicastProbe === undefined) return undefined;
  return new UdpMemberProbe({ self: id, managementAddress: listen.host, group: multicastProbe, random, metrics });
}
