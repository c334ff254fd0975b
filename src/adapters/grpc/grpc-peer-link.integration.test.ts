import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ElectorateMember } from '../../core/electorate.ts';
import { controllerIdentity } from '../../core/identity.ts';
import { type ControllerId, controllerId } from '../../core/ids.ts';
import type { PeerMessage } from '../../core/peer-messages.ts';
import { peerLinkContract } from '../../testing/contract/peer-link.contract.ts';
import { credentialsOf } from '../../testing/certificates.ts';
import { eventually } from '../../testing/eventually.ts';
import { freePort } from '../../testing/free-port.ts';
import { beat, voteRequest } from '../../testing/peer-messages.ts';
import { realClock as clock, realRandom as random } from '../../testing/real-time.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { TcpProxy } from '../../testing/tcp-proxy.ts';
import { hello } from '../../testing/wire-messages.ts';
import { AgentSide, ControllerSide } from '../../testing/wire-sides.ts';
import { systemSockets as sockets } from '../system/system-sockets.ts';
import { GrpcAgentServer } from './grpc-agent-server.ts';
import { GrpcControllerLink } from './grpc-controller-link.ts';
import { GrpcPeerLink } from './grpc-peer-link.ts';
import { GrpcServer } from './grpc-server.ts';

const [C1, C2, C3] = ['c1', 'c2', 'c3'].map(controllerId) as [ControllerId, ControllerId, ControllerId];

const pass = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

describe.each([{ secured: false }, { secured: true }])(
  'GrpcPeerLink, secured by certificates: $secured',
  (security) => {
    peerLinkContract(async () => {
      const ways = await Promise.all(
        [C1, C2, C3].map(async (id) => {
          const port = await freePort();
          const proxy = new TcpProxy(port);
          return { id, proxy, listen: `127.0.0.1:${port}`, address: `127.0.0.1:${await proxy.start()}` };
        }),
      );
      const credentialsFor = await credentialsOf([C1, C2, C3].map(controllerIdentity), security);
      const { log, metrics } = new RecordedPorts();
      return {
        newLink: (self) => {
          const listen = ways.find(({ id }) => id === self)?.listen ?? '';
          const credentials = credentialsFor(controllerIdentity(self));
          const server = new GrpcServer({ listen, credentials, clock, log, metrics });
          const link = new GrpcPeerLink({ self, server, credentials, clock, random, sockets, log, metrics });
          link.connect(ways.filter(({ id }) => id !== self));
          return link;
        },
        blackHole: () => ways.forEach(({ proxy }) => proxy.freeze()),
        // The proxies let new connections through from the start.
        heal: () => undefined,
        pass,
        dispose: async () => {
          await Promise.all(ways.map(({ proxy }) => proxy.stop()));
        },
      };
    });
  },
);

describe('controllers', () => {
  let members: readonly ElectorateMember[];
  let ports: RecordedPorts;
  const ending: (() => Promise<void>)[] = [];
  const serverAt = (listen: string): GrpcServer =>
    new GrpcServer({ listen, clock, log: ports.log, metrics: ports.metrics });
  const serverOf = (id: ControllerId): GrpcServer =>
    serverAt(members.find((member) => member.id === id)?.address ?? '');
  const start = async (self: ControllerId, server = serverOf(self)) => {
    const { log, metrics } = ports;
    const link = new GrpcPeerLink({ self, server, clock, random, sockets, log, metrics });
    const heard: { from: ControllerId; message: PeerMessage }[] = [];
    ending.push(() => link.stop());
    link.connect(members.filter(({ id }) => id !== self));
    await link.start(({ from, message }) => heard.push({ from, message }));
    return { link, heard };
  };
  const refused = (reason: string): number => ports.count(`messages_refused_total reason=${reason}`);

  beforeEach(async () => {
    ports = new RecordedPorts();
    members = await Promise.all([C1, C2].map(async (id) => ({ id, address: `127.0.0.1:${await freePort()}` })));
  });
  afterEach(async () => {
    await Promise.all(ending.splice(0).map((end) => end()));
  });

  test('talk over the one stream that there is, in both directions', async () => {
    // Nobody finds c1 at the address that the electorate has for it, so only its own stream to c2 exists.
    const one = await start(C1, serverAt(`127.0.0.1:${await freePort()}`));
    const two = await start(C2);
    await eventually(
      () => {
        one.link.send(C2, voteRequest(1));
        two.link.send(C1, beat(1));
        return one.heard.length > 0 && two.heard.length > 0;
      },
      (met) => met,
    );
    expect(one.heard[0]).toEqual({ from: C2, message: beat(1) });
    expect(two.heard[0]).toEqual({ from: C1, message: voteRequest(1) });
  });

  test('that are none of those to talk to are refused, until they are', async () => {
    const one = await start(C1);
    const port = await freePort();
    const server = serverAt(`127.0.0.1:${port}`);
    const stranger = await start(controllerId('c9'), server);
    await eventually(
      () => refused('stranger'),
      (count) => count > 0,
    );
    stranger.link.send(C1, beat(1));
    await pass(100);
    expect(one.heard).toEqual([]);
    one.link.connect([{ id: controllerId('c9'), address: `127.0.0.1:${port}` }]);
    await eventually(
      () => {
        stranger.link.send(C1, beat(2));
        return one.heard.length;
      },
      (count) => count > 0,
    );
    expect(one.heard[0]).toEqual({ from: 'c9', message: beat(2) });
  });

  test('that are not whom we called are not talked to', async () => {
    const one = await start(C1);
    const [first, second] = members;
    if (!first || !second) throw new Error('two members');
    // c1 listens where c2 should be.
    const two = await start(C2, serverAt(`127.0.0.1:${await freePort()}`));
    await one.link.stop();
    await start(C1, serverAt(second.address));
    await eventually(
      () => refused('stranger'),
      (count) => count > 0,
    );
    expect(two.heard).toEqual([]);
  });

  test('and agents are served at the same port, whoever stops first', async () => {
    const server = serverOf(C1);
    const { log, metrics } = ports;
    const controller = new ControllerSide(new GrpcAgentServer({ server, clock, log, metrics }));
    const agentLink = new GrpcControllerLink({ clock, random, sockets, log, metrics });
    agentLink.connect(members.slice(0, 1));
    const agent = new AgentSide(agentLink);
    ending.push(
      () => agent.stop(),
      () => controller.stop(),
    );
    await controller.start();
    const one = await start(C1, server);
    const two = await start(C2);
    await agent.start();
    await eventually(
      () => agent.isConnected(C1),
      (connected) => connected,
    );
    agent.link.send(C1, hello('node-a'));
    await eventually(
      () => controller.messages.length,
      (count) => count === 1,
    );
    await controller.stop();
    await eventually(
      () => {
        two.link.send(C1, beat(1));
        return one.heard.length;
      },
      (count) => count > 0,
    );
    await one.link.stop();
    const next = await start(C1);
    await eventually(
      () => {
        two.link.send(C1, beat(2));
        return next.heard.length;
      },
      (count) => count > 0,
    );
  });
});
