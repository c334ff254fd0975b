import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { resolve } from 'node:path';
import { GrpcIdentityServer } from '../../../src/adapters/grpc/grpc-identity-server.ts';
import { GrpcPeerLink } from '../../../src/adapters/grpc/grpc-peer-link.ts';
import { GrpcWitnessLink } from '../../../src/adapters/grpc/grpc-witness-link.ts';
import { MetricsServer } from '../../../src/adapters/observability/metrics-server.ts';
import { PromMetrics } from '../../../src/adapters/observability/prom-metrics.ts';
import { controllerIdentity, nodeIdentity } from '../../../src/core/identity.ts';
import { controllerId, nodeName } from '../../../src/core/ids.ts';
import { over, TestAuthority } from '../../../src/testing/certificates.ts';
import { freePort } from '../../../src/testing/free-port.ts';
import { C1, GrpcParties } from '../../../src/testing/grpc-parties.ts';
import { realClock as clock } from '../../../src/testing/real-time.ts';
import { run } from '../run.ts';
import type { Order } from './attacker.ts';
import {
  type Attack,
  attacksWith,
  type Door,
  type Logged,
  type Outcome,
  poorlyLogged,
  poorlyRefused,
} from './attacks.ts';

const C2 = controllerId('c2');
const INTRUDER = nodeIdentity(nodeName('intruder'));

let parties: GrpcParties;
let doors: Readonly<Record<Door, number>>;
let attacks: readonly Attack[];

/** A controller, its port for certificates, a witness and metrics, each at a port of its own. */
beforeEach(async () => {
  parties = await GrpcParties.create();
  const authority = await TestAuthority.create();
  const credentials = await authority.credentials(controllerIdentity(C1));
  const server = parties.newServer(credentials);
  await parties.serve(credentials, server);
  const peers = new GrpcPeerLink({ ...parties.common, self: C1, server, credentials });
  peers.connect([{ id: C2, address: `127.0.0.1:${await freePort()}` }]);
  parties.atEnd(() => peers.stop());
  await peers.start(() => undefined);
  const node = nodeName('node-1');
  const witnessPort = await freePort();
  const witness = new GrpcWitnessLink({
    ...parties.common,
    self: node,
    listen: [`127.0.0.1:${witnessPort}`],
    credentials: await authority.credentials(nodeIdentity(node)),
  });
  parties.atEnd(() => witness.stop());
  await witness.start(() => undefined);
  const identityPort = await freePort();
  const identity = new GrpcIdentityServer({ ...parties.common, listen: `127.0.0.1:${identityPort}`, credentials });
  parties.atEnd(() => identity.stop());
  await identity.start(() => Promise.resolve({ kind: 'refused', detail: 'nobody has signed it' }));
  const metricsPort = await freePort();
  const metrics = new MetricsServer({ metrics: new PromMetrics(), notReady: () => undefined, clock });
  parties.atEnd(() => metrics.stop());
  await metrics.start('127.0.0.1', metricsPort);
  doors = {
    controller: parties.port,
    identity: identityPort,
    witness: witnessPort,
    'controller metrics': metricsPort,
    'agent metrics': metricsPort,
  };
  attacks = attacksWith({
    otherAuthority: await (await TestAuthority.create()).material(INTRUDER),
    expired: await authority.material(INTRUDER, over()),
    certified: await authority.material(INTRUDER),
    node,
    controller: C2,
    controllerHost: 'elsewhere',
    certificateRequest: Uint8Array.of(1),
  });
});
afterEach(() => parties.stop());

const ordered = async <T>(order: Order): Promise<T> =>
  JSON.parse(
    await run(process.execPath, [resolve(import.meta.dirname, 'attacker.ts')], { input: JSON.stringify(order) }),
  ) as T;

/** Lines about one address. */
const linesAbout = (address: string): Logged[] =>
  parties.ports.lines.flatMap(({ message, fields }) =>
    String((fields as { peer?: string }).peer).startsWith(`${address}:`)
      ? [{ message, reason: String((fields as { reason?: string }).reason) } as Logged]
      : [],
  );

test('every attack is refused and logged once', async () => {
  const broken: string[] = [];
  for (const [index, attack] of attacks.entries()) {
    const from = `127.0.1.${index + 1}`;
    const targets = [{ host: '127.0.0.1', port: doors[attack.door] }];
    const [outcome] = await ordered<Outcome[]>({ kind: 'attack', manner: attack.manner, from, targets });
    if (!outcome) throw new Error('no outcome');
    broken.push(...poorlyRefused(attack, 'here', outcome), ...poorlyLogged(attack, 'here', linesAbout(from)));
  }
  expect(broken).toEqual([]);
}, 120_000);

test('a flood is counted to its end', async () => {
  const order: Order = { kind: 'flood', target: { host: '127.0.0.1', port: parties.port }, connections: 1_000 };
  expect(await ordered(order)).toMatchObject({ closed: 1_000 });
}, 120_000);
