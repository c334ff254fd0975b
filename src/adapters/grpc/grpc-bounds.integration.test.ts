import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { controllerIdentity, nodeIdentity } from '../../core/identity.ts';
import { type NodeName, nodeName } from '../../core/ids.ts';
import { type HeldCredentials, TestAuthority } from '../../testing/certificates.ts';
import { eventually } from '../../testing/eventually.ts';
import { dialTcp, dialTls, hungUp } from '../../testing/grpc-caller.ts';
import { C1, disconnected, GrpcParties } from '../../testing/grpc-parties.ts';
import { hello } from '../../testing/wire-messages.ts';

const A = nodeName('node-a');

let authority: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.create();
});

let parties: GrpcParties;
beforeEach(async () => {
  parties = await GrpcParties.create();
});
afterEach(() => parties.stop());

const ofController = (): Promise<HeldCredentials> => authority.credentials(controllerIdentity(C1));
const ofNode = (node: NodeName): Promise<HeldCredentials> => authority.credentials(nodeIdentity(node));

describe('a port', () => {
  test('has so many connections for one address, and closes the others at once', async () => {
    await parties.serve(await ofController());
    const crowd = Array.from({ length: 200 }, () => dialTcp(parties.port));
    await Promise.all(crowd.slice(100).map((socket) => hungUp(socket)));
    await eventually(
      () => crowd.filter((socket) => !socket.closed).length,
      (open) => open === 64,
    );
    expect(parties.refused('connections', 'too-many')).toBe(136);
    expect(parties.warnings.length).toBe(1);
    for (const socket of crowd) socket.destroy();
  });

  test('gives up a handshake that takes too long', async () => {
    await parties.serve(await ofController());
    expect(await hungUp(dialTcp(parties.port))).toBeLessThan(4_500);
    expect(parties.refused('connections', 'tls')).toBe(1);
  }, 10_000);

  test('closes a connection on which nothing begins, encrypted or not', async () => {
    await parties.serve(await ofController());
    const secured = dialTls(parties.port, await authority.material(nodeIdentity(A)));
    expect(await hungUp(secured)).toBeLessThan(8_000);
    await parties.stop();
    await parties.serve();
    expect(await hungUp(dialTcp(parties.port))).toBeLessThan(8_000);
  }, 20_000);

  test('ends a session that does not begin', async () => {
    const side = await parties.serve(await ofController());
    const silent = await parties.agent(await ofNode(A));
    await disconnected(silent);
    expect(side.events).toEqual([]);
    expect(parties.refused('messages', 'no-hello')).toBe(1);
  }, 15_000);

  test('keeps the newest connections of one certificate', async () => {
    await parties.serve(await ofController());
    const credentials = await ofNode(A);
    const oldest = await parties.connectedAgent(credentials);
    for (let count = 1; count < 8; count++) await parties.connectedAgent(credentials);
    expect(parties.refused('connections', 'replaced')).toBe(0);
    await parties.connectedAgent(credentials);
    await disconnected(oldest);
  });

  test('cuts off whoever says more than an agent has to say; long messages count as several', async () => {
    const side = await parties.serve(await ofController());
    const chatterer = await parties.connectedAgent(await ofNode(A));
    chatterer.link.send(C1, hello(A));
    const reason = 'x'.repeat(80_000);
    let sent = 0;
    while (parties.refused('messages', 'too-fast') === 0 && sent++ < 3_000) {
      chatterer.link.send(C1, { kind: 'goodbye', reason });
      await new Promise(setImmediate);
    }
    await disconnected(chatterer);
    expect(parties.refused('messages', 'too-fast')).toBe(1);
    expect(side.messages.length).toBeLessThan(3_000);
  }, 20_000);
});
