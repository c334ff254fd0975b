import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { nodeIdentity } from '../../core/identity.ts';
import { epoch, incarnation, nodeName } from '../../core/ids.ts';
import type { WitnessEvent } from '../../ports/witness-link.ts';
import { witnessLinkContract } from '../../testing/contract/witness-link.contract.ts';
import { credentialsOf } from '../../testing/certificates.ts';
import { eventually } from '../../testing/eventually.ts';
import { freePort } from '../../testing/free-port.ts';
import { realClock as clock, realRandom as random } from '../../testing/real-time.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { TcpProxy } from '../../testing/tcp-proxy.ts';
import { systemSockets as sockets } from '../system/system-sockets.ts';
import { GrpcWitnessLink } from './grpc-witness-link.ts';

const pass = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

describe.each([{ secured: false }, { secured: true }])(
  'GrpcWitnessLink, secured by certificates: $secured',
  (security) => {
    witnessLinkContract(async () => {
      const ways = await Promise.all(
        ['a', 'b', 'c'].flatMap((node) =>
          [1, 2].map(async () => {
            const port = await freePort();
            const proxy = new TcpProxy(port);
            return { node, proxy, listen: `127.0.0.1:${port}`, address: `127.0.0.1:${await proxy.start()}` };
          }),
        ),
      );
      const of = (name: string) => ways.filter(({ node }) => node === name);
      const nodes = ['a', 'b', 'c'].map((name) => nodeIdentity(nodeName(name)));
      const credentialsFor = await credentialsOf(nodes, security);
      const { log, metrics } = new RecordedPorts();
      const stopped = new Set<TcpProxy>();
      return {
        newLink: (self) =>
          new GrpcWitnessLink({
            self,
            listen: of(self).map(({ listen }) => listen),
            credentials: credentialsFor(nodeIdentity(self)),
            clock,
            random,
            sockets,
            log,
            metrics,
          }),
        addresses: (node) => of(node).map(({ address }) => address) as [string, string],
        cut: async (address) => {
          const proxy = ways.find((way) => way.address === address)?.proxy;
          if (proxy) stopped.add(proxy);
          await proxy?.stop();
        },
        pass,
        dispose: async () => {
          await Promise.all(ways.filter(({ proxy }) => !stopped.has(proxy)).map(({ proxy }) => proxy.stop()));
        },
      };
    });
  },
);

describe('an agent', () => {
  const [A, B] = [nodeName('a'), nodeName('b')];
  const asked = (sequence: number) =>
    ({
      kind: 'confirm-request',
      node: A,
      lease: { incarnation: incarnation('life'), epoch: epoch(1) },
      sequence,
    }) as const;
  let ports: RecordedPorts;
  const ending: (() => Promise<void>)[] = [];
  const start = async (self: string, listen: string[]) => {
    const { log, metrics } = ports;
    const link = new GrpcWitnessLink({ self: nodeName(self), listen, clock, random, sockets, log, metrics });
    const events: WitnessEvent[] = [];
    ending.push(() => link.stop());
    await link.start((event) => events.push(event));
    return { link, events };
  };
  afterEach(async () => {
    await Promise.all(ending.splice(0).map((end) => end()));
  });

  test('whose address is taken says so, answers at the other one, and at this one when it can', async () => {
    ports = new RecordedPorts();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    const free = `127.0.0.1:${await freePort()}`;
    const b = await start('b', [taken, free]);
    expect(ports.lines).toEqual([expect.objectContaining({ level: 'warn', message: 'peers cannot ask here' })]);
    const a = await start('a', []);
    let sequence = 0;
    for (const address of [free, taken]) {
      if (address === taken) other.close();
      a.link.peers([{ node: B, addresses: [address] }]);
      const before = b.events.length;
      await eventually(
        () => {
          a.link.send(B, asked(++sequence));
          return b.events.length;
        },
        (count) => count > before,
        4_000,
      );
    }
  }, 20_000);

  test('of another name at an address of a peer is refused, and counted', async () => {
    ports = new RecordedPorts();
    const address = `127.0.0.1:${await freePort()}`;
    const c = await start('c', [address]);
    const a = await start('a', []);
    a.link.peers([{ node: B, addresses: [address] }]);
    await eventually(
      () => {
        a.link.send(B, asked(c.events.length + 1));
        for (const { message } of c.events.splice(0)) {
          if (message.kind === 'confirm-request')
            c.link.send(A, { ...message, kind: 'confirm-answer', confirmed: true });
        }
        return ports.count('messages_refused_total reason=stranger');
      },
      (count) => count > 0,
    );
    expect(a.events).toEqual([]);
  });

  test('of many peers connects to the ones that it asks, with the question that made it connect', async () => {
    ports = new RecordedPorts();
    const address = `127.0.0.1:${await freePort()}`;
    const b = await start('b', [address]);
    const a = await start('a', []);
    const others = Array.from({ length: 40 }, (_, index) => ({ node: nodeName(`n${index}`), addresses: [address] }));
    a.link.peers([{ node: B, addresses: [address] }, ...others]);
    a.link.send(B, asked(1));
    await eventually(
      () => b.events.length,
      (count) => count > 0,
    );
    expect(b.events).toEqual([{ kind: 'message', from: A, message: asked(1) }]);
  });
});
