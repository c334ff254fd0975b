import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BLACK_HOLE, hostWithBlackHole, runUntilExit } from '../../testing/black-hole.ts';
import type { HostNamespace } from '../../testing/host-namespace.ts';
import { describeWith, missingNetworkNamespaces } from '../../testing/requirements.ts';

const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** @param stop when to close the store, as code. */
const scriptOf = (stop: string): string => `
  import { setTimeout as pause } from 'node:timers/promises';
  import { EtcdElectionStore } from ${module('etcd-election-store.ts')};
  import { systemClock as clock } from ${module('../system/system-clock.ts')};
  import { systemSockets as sockets } from ${module('../system/system-sockets.ts')};
  const hosts = ['http://${BLACK_HOLE}:2379'];
  const store = new EtcdElectionStore({ hosts, prefix: '/vippool', clock, sockets });
  store.watch(() => undefined);
  const failed = store.read().then(() => process.exit(9), (error) => error);
  ${stop}
  store.close();
  const { code } = await failed;
  console.log('stopped');
  if (code !== 'Unavailable' && code !== 'DeadlineExceeded') throw new Error(code);`;

describeWith(missingNetworkNamespaces(), 'an etcd whose host answers nothing', () => {
  let host: HostNamespace;
  beforeAll(async () => {
    host = await hostWithBlackHole();
  });
  afterAll(() => host.close());

  test.each([
    ['at once', ''],
    ['while it connects', 'await pause(300);'],
    ['after calls have failed', 'await failed; await pause(500);'],
  ])(
    'keeps no process alive whose store is closed %s',
    async (_, stop) => {
      const { code, stderr, exitMs } = await runUntilExit(host, scriptOf(stop));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(exitMs).toBeLessThan(1_000);
    },
    30_000,
  );
});
