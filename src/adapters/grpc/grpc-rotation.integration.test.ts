import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { controllerIdentity, nodeIdentity } from '../../core/identity.ts';
import { type NodeName, nodeName } from '../../core/ids.ts';
import { around, type HeldCredentials, TestAuthority } from '../../testing/certificates.ts';
import { eventually } from '../../testing/eventually.ts';
import { dialTls, hungUp } from '../../testing/grpc-caller.ts';
import { C1, GrpcParties } from '../../testing/grpc-parties.ts';
import { heartbeat, hello } from '../../testing/wire-messages.ts';
import type { AgentSide, ControllerSide } from '../../testing/wire-sides.ts';

const [A, B] = ['node-a', 'node-b'].map(nodeName) as [NodeName, NodeName];

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

describe('new certificates', () => {
  /** Sends heartbeats until one arrives after now. */
  const talks = (own: AgentSide, side: ControllerSide): Promise<number> => {
    const before = side.messages.length;
    return eventually(
      () => {
        own.link.send(C1, heartbeat(before));
        return side.messages.length;
      },
      (count) => count > before,
    );
  };

  test('of controller, agent and authority come in turn, while the session goes on', async () => {
    const next = await TestAuthority.create();
    const [one, node] = [controllerIdentity(C1), nodeIdentity(A)];
    const [server, client] = [await ofController(), await ofNode(A)];
    const side = await parties.serve(server);
    const own = await parties.connectedAgent(client);
    own.link.send(C1, hello(A));
    const steps: [TestAuthority, readonly TestAuthority[]][] = [
      [authority, [next]],
      [next, [authority]],
      [next, []],
    ];
    for (const [issuer, others] of steps) {
      server.replace(await issuer.material(one, around(), others));
      const newcomer = await parties.connectedAgent(client);
      await newcomer.stop();
      client.replace(await issuer.material(node, around(), others));
      const another = await parties.connectedAgent(client);
      await another.stop();
      await talks(own, side);
    }
    expect(own.events.filter(({ kind }) => kind !== 'message')).toEqual([{ kind: 'connected', controller: C1 }]);
    expect(parties.warnings).toEqual([]);
    const left = await parties.agent(await ofNode(B));
    await parties.untilRefused('connections', 'tls');
    expect(left.events).toEqual([]);
  });

  test('are not passed by with an older session', async () => {
    const server = await ofController();
    await parties.serve(server);
    const material = await authority.material(nodeIdentity(A));
    const sessions: Buffer[] = [];
    const first = dialTls(parties.port, material);
    first.on('session', (session: Buffer) => sessions.push(session));
    await new Promise((resolve) => first.once('data', resolve));
    first.destroy();
    const next = await TestAuthority.create();
    server.replace(await next.material(controllerIdentity(C1)));
    for (const session of sessions) {
      const again = dialTls(parties.port, material, { session });
      again.once('secureConnect', () => expect(again.isSessionReused()).toBe(false));
      await hungUp(again);
    }
    await hungUp(dialTls(parties.port, material));
    await parties.untilRefused('connections', 'tls', sessions.length + 1);
  });
});
