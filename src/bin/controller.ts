import { readFileSync } from 'node:fs';
import { EtcdElectionStore } from '../adapters/etcd/etcd-election-store.ts';
import { GrpcAgentServer } from '../adapters/grpc/grpc-agent-server.ts';
import { GrpcServer } from '../adapters/grpc/grpc-server.ts';
import { systemClock as clock } from '../adapters/system/system-clock.ts';
import { systemRandom as random } from '../adapters/system/system-random.ts';
import { systemSockets as sockets } from '../adapters/system/system-sockets.ts';
import { ControllerLoop } from '../app/controller/controller-loop.ts';
import type { ControllerConfig } from '../config/options/controller.ts';
import { observability } from './observability.ts';
import { openSource } from './open-source.ts';
import { endOfProcess } from './termination.ts';

/** A master stops acting this share of the TTL before the store can give the lock away. */
const MARGIN_SHARE = 1 / 6;
const POLL_MS = 500;

/** Runs a controller until it is told to stop. */
export async function runController(config: ControllerConfig): Promise<void> {
  const { log, metrics, close } = await observability(config, { component: 'controller', controller: config.id });
  const { host, port } = config.listen;
  const store = new EtcdElectionStore({
    hosts: config.etcd,
    prefix: config.etcdPrefix,
    tls: tlsFiles(config),
    clock,
    sockets,
  });
  const listener = new GrpcServer({ listen: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`, clock });
  const server = new GrpcAgentServer({ server: listener, clock, log, metrics });
  const source = await openSource(config, { clock, random });
  const self = { id: config.id, priority: config.priority, address: host, nonce: random.hex(8) };
  const controller = new ControllerLoop(
    { clock, log, metrics, store, server, source },
    {
      timing: config,
      election: { self, ttlMs: config.electionTtlMs, marginMs: config.electionTtlMs * MARGIN_SHARE, pollMs: POLL_MS },
    },
  );
  await controller.start();
  const signal = await endOfProcess();
  log.log('info', 'stopping', { signal });
  await controller.stop();
  await close();
}

function tlsFiles({ etcdCa, etcdCert, etcdKey }: ControllerConfig): Record<'ca' | 'cert' | 'key', Buffer | undefined> {
  const read = (path: string | undefined): Buffer | undefined => (path === undefined ? undefined : readFileSync(path));
  return { ca: read(etcdCa), cert: read(etcdCert), key: read(etcdKey) };
}
