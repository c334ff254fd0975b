import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { controllerIdentity, type Identity, nodeIdentity } from '../../core/identity.ts';
import { controllerId, epoch, incarnation, type NodeName, nodeName, poolName } from '../../core/ids.ts';
import type { WitnessEvent } from '../../ports/witness-link.ts';
import { type HeldCredentials, over, TestAuthority } from '../../testing/certificates.ts';
import { eventually } from '../../testing/eventually.ts';
import { freePort } from '../../testing/free-port.ts';
import { dialTls, hungUp } from '../../testing/grpc-caller.ts';
import { C1, disconnected, GrpcParties } from '../../testing/grpc-parties.ts';
import { beat } from '../../testing/peer-messages.ts';
import { TcpProxy } from '../../testing/tcp-proxy.ts';
import { assignment, hello } from '../../testing/wire-messages.ts';
import { AgentSide, type ControllerSide } from '../../testing/wire-sides.ts';
import { GrpcControllerLink } from './grpc-controller-link.ts';
import { GrpcPeerLink } from './grpc-peer-link.ts';
import type { GrpcServer } from './grpc-server.ts';
import { GrpcWitnessLink } from './grpc-witness-link.ts';

const C2 = controllerId('c2');
const [A, B] = ['node-a', 'node-b'].map(nodeName) as [NodeName, NodeName];

let authority: TestAuthority;
let stranger: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.create();
  stranger = await TestAuthority.create();
});

let parties: GrpcParties;
beforeEach(async () => {
  parties = await GrpcParties.create();
});
afterEach(() => parties.stop());

const ofController = (id = C1): Promise<HeldCredentials> => authority.credentials(controllerIdentity(id));
const ofNode = (node: NodeName): Promise<HeldCredentials> => authority.credentials(nodeIdentity(node));
const misled = (identity: Identity): Promise<HeldCredentials> => authority.misled(identity, stranger);

describe('a controller', () => {
  let side: ControllerSide;
  let server: GrpcServer;
  beforeEach(async () => {
    const credentials = await ofController();
    server = parties.newServer(credentials);
    side = await parties.serve(credentials, server);
  });

  const strangers: [string, () => Promise<HeldCredentials | undefined>, 'tls' | 'identity', RegExp][] = [
    ['without a certificate', () => Promise.resolve(undefined), 'tls', /not TLS/],
    ['certified by somebody else', () => misled(nodeIdentity(A)), 'tls', /not accepted/],
    ['whose certificate has expired', () => authority.credentials(nodeIdentity(A), over()), 'tls', /CERT_HAS_EXPIRED/],
    [
      'whose certificate speaks for nobody',
      () => authority.credentials('spiffe://elsewhere/node/node-a' as Identity),
      'identity',
      /speaks for nobody/,
    ],
  ];
  test.each(strangers)('refuses an agent %s, logs it once, and serves the others', async (_, make, reason, detail) => {
    const intruder = await parties.agent(await make());
    await parties.untilRefused('connections', reason, 5);
    expect(intruder.events).toEqual([]);
    const peer = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
    expect(parties.warnings).toEqual([
      expect.objectContaining({ reason, detail: expect.stringMatching(detail), peer }),
    ]);
    const honest = await parties.connectedAgent(await ofNode(B));
    honest.link.send(C1, hello(B));
    await eventually(
      () => side.messages.length,
      (count) => count === 1,
    );
  });

  test('refuses whoever shows no certificate at all', async () => {
    await hungUp(dialTls(parties.port));
    await parties.untilRefused('connections', 'tls');
  });

  test('hears nobody who speaks for another node, and cuts the connection', async () => {
    const intruder = await parties.connectedAgent(await ofNode(A));
    intruder.link.send(C1, hello(B));
    await disconnected(intruder);
    expect(side.events).toEqual([]);
    expect(parties.warnings).toEqual([
      expect.objectContaining({
        reason: 'impostor',
        detail: expect.stringMatching(/node\/node-a says that it is node-b/),
      }),
    ]);
  });

  test('hears no second name within a session', async () => {
    const intruder = await parties.connectedAgent(await ofNode(A));
    intruder.link.send(C1, hello(A));
    intruder.link.send(C1, hello(B));
    await parties.untilRefused('messages', 'impostor');
    expect(side.messages.map(({ message }) => message)).toEqual([hello(A)]);
  });

  test('hears no node where a controller should speak, and no other controller', async () => {
    const addresses = { [C1]: parties.address, [C2]: `127.0.0.1:${await freePort()}` };
    const members = [C1, C2].map((id) => ({ id, address: addresses[id] ?? '' }));
    const heard: unknown[] = [];
    const own = { credentials: await ofController(), ...parties.common };
    const peers = new GrpcPeerLink({ ...own, self: C1, server });
    parties.atEnd(() => peers.stop());
    await peers.start((event) => heard.push(event));
    peers.connect(members);
    for (const identity of [nodeIdentity(A), nodeIdentity(nodeName('c2')), controllerIdentity(controllerId('c3'))]) {
      const credentials = await authority.credentials(identity);
      const elsewhere = parties.newServer(credentials, `127.0.0.1:${await freePort()}`);
      const intruder = new GrpcPeerLink({ ...own, self: C2, server: elsewhere, credentials });
      const before = parties.refused('messages', 'impostor');
      await intruder.start(() => undefined);
      intruder.connect(members);
      await eventually(
        () => {
          intruder.send(C1, beat(1));
          return parties.refused('messages', 'impostor');
        },
        (count) => count > before,
      );
      await intruder.stop();
    }
    expect(heard).toEqual([]);
  });
});

describe('an agent', () => {
  const impostors: [string, () => Promise<HeldCredentials>, RegExp][] = [
    ['another agent', () => ofNode(B), /speaks for spiffe:\/\/vippool\/node\/node-b, not for .*controller\/c1/],
    ['an agent with the name of the controller', () => ofNode(nodeName('c1')), /not for .*controller\/c1/],
    ['another controller', () => ofController(C2), /speaks for .*controller\/c2, not for .*controller\/c1/],
    ['a controller of another authority', () => misled(controllerIdentity(C1)), /unable to verify|self-signed|issuer/],
    ['a controller that has expired', () => authority.credentials(controllerIdentity(C1), over()), /expired/],
  ];
  test.each(impostors)('does not talk to %s in the place of its controller', async (_, make, detail) => {
    const side = await parties.serve(await make());
    const own = await parties.agent(await ofNode(A));
    await parties.untilRefused('connections', 'tls', 2);
    expect([own.events, side.events]).toEqual([[], []]);
    expect(parties.warnings).toContainEqual(expect.objectContaining({ detail: expect.stringMatching(detail) }));
  });

  test('does not talk to a controller without encryption', async () => {
    const side = await parties.serve();
    const own = await parties.agent(await ofNode(A));
    await parties.untilRefused('connections', 'tls', 2);
    expect([own.events, side.events]).toEqual([[], []]);
  });
});

describe('a witness', () => {
  const asked = (node: NodeName) =>
    ({
      kind: 'confirm-request',
      node,
      lease: { incarnation: incarnation('i'), epoch: epoch(1) },
      sequence: 1,
    }) as const;
  const start = async (self: NodeName, credentials: HeldCredentials, listen: readonly string[]) => {
    const link = new GrpcWitnessLink({ self, listen, credentials, ...parties.common });
    const events: WitnessEvent[] = [];
    parties.atEnd(() => link.stop());
    await link.start((event) => events.push(event));
    return { link, events };
  };

  test('is asked by nobody in the name of another node, nor by a controller', async () => {
    const address = parties.address;
    const witness = await start(B, await ofNode(B), [address]);
    for (const credentials of [await ofNode(nodeName('node-c')), await ofController()]) {
      const intruder = await start(A, credentials, []);
      intruder.link.peers([{ node: B, addresses: [address] }]);
      const before = parties.refused('messages', 'impostor');
      await eventually(
        () => {
          intruder.link.send(B, asked(A));
          return parties.refused('messages', 'impostor');
        },
        (count) => count > before,
      );
    }
    expect(witness.events).toEqual([]);
  });

  test('is nobody else than the node that was meant', async () => {
    const address = parties.address;
    const intruder = await start(B, await ofNode(nodeName('node-c')), [address]);
    const own = await start(A, await ofNode(A), []);
    own.link.peers([{ node: B, addresses: [address] }]);
    own.link.send(B, asked(A));
    await parties.untilRefused('connections', 'tls');
    expect([own.events, intruder.events]).toEqual([[], []]);
  });
});

test.each([
  ['readable on the wire where there are no certificates', false],
  ['hidden from whoever listens in where there are', true],
])('a hello, and the answer to it, are %s', async (_, secured) => {
  const [node, pool] = [nodeName('node-that-is-heard'), poolName('pool-that-is-heard')];
  const side = await parties.serve(secured ? await ofController() : undefined);
  const heard: Buffer[] = [];
  const proxy = new TcpProxy(parties.port, (bytes) => heard.push(bytes));
  parties.atEnd(() => proxy.stop());
  const controllers = [{ id: C1, address: `127.0.0.1:${await proxy.start()}` }];
  const credentials = secured ? await ofNode(node) : undefined;
  const agent = new AgentSide(new GrpcControllerLink({ credentials, ...parties.common }));
  agent.link.connect(controllers);
  parties.atEnd(() => agent.stop());
  await agent.start();
  await eventually(
    () => agent.isConnected(C1),
    (is) => is,
  );
  agent.link.send(C1, hello(node));
  await eventually(
    () => side.messages.length,
    (count) => count > 0,
  );
  const { vips, ...orders } = assignment(1);
  side.server.send(side.sessionOf(node), { ...orders, vips: vips.map((vip) => ({ ...vip, pool })) });
  await eventually(
    () => agent.messages.length,
    (count) => count > 0,
  );
  const wire = Buffer.concat(heard).toString('latin1');
  expect([node, pool].map((name) => wire.includes(name))).toEqual([!secured, !secured]);
});
