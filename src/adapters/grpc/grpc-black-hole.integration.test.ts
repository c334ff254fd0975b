import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BLACK_HOLE, hostWithBlackHole, runUntilExit } from '../../testing/black-hole.ts';
import type { HostNamespace } from '../../testing/host-namespace.ts';
import { describeWith, missingNetworkNamespaces } from '../../testing/requirements.ts';

const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

const PREAMBLE = `
  import { setTimeout as pause } from 'node:timers/promises';
  import { GrpcControllerLink } from ${module('grpc-controller-link.ts')};
  import { GrpcPeerLink } from ${module('grpc-peer-link.ts')};
  import { GrpcServer } from ${module('grpc-server.ts')};
  import { GrpcWitnessLink } from ${module('grpc-witness-link.ts')};
  import { systemClock as clock } from ${module('../system/system-clock.ts')};
  import { systemRandom as random } from ${module('../system/system-random.ts')};
  import { systemSockets as sockets } from ${module('../system/system-sockets.ts')};
  const metrics = { count: () => undefined, gauge: () => undefined };
  const log = { log: () => undefined, child: () => log };
  const ports = { clock, random, sockets, metrics, log };
  const address = '${BLACK_HOLE}:7480';`;

const LINKS = {
  'an agent to its controllers': `new GrpcControllerLink({ controllers: [{ id: 'c1', address }], ...ports })`,
  'a controller to the others': `new GrpcPeerLink({
    self: 'c2',
    electorate: { version: 1, members: [{ id: 'c1', address }, { id: 'c2', address: '127.0.0.1:7480' }] },
    server: new GrpcServer({ listen: '127.0.0.1:7480', clock, log, metrics }),
    ...ports,
  })`,
  'an agent to its peers': `new GrpcWitnessLink({ self: 'a', listen: ['127.0.0.1:7481'], ...ports })`,
};

describeWith(missingNetworkNamespaces(), 'a peer whose host answers nothing', () => {
  let host: HostNamespace;
  beforeAll(async () => {
    host = await hostWithBlackHole();
  });
  afterAll(() => host.close());

  test.each(
    Object.entries(LINKS).flatMap(([who, link]) =>
      // The first attempt lasts a second; later ones begin after waits.
      [0, 300, 2_500].map((ms) => ({ who, link, ms })),
    ),
  )(
    'keeps no process alive: $who, stopped after $ms ms',
    async ({ link, ms }) => {
      const script = `${PREAMBLE}
      const link = ${link};
      await link.start(() => undefined);
      link.peers?.([{ node: 'b', addresses: [address] }]);
      await pause(${ms});
      await link.stop();
      console.log('stopped');`;
      const { code, stderr, exitMs } = await runUntilExit(host, script);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(exitMs).toBeLessThan(1_000);
    },
    30_000,
  );
});
