import { expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Monotonic } from '../../core/time.ts';
import { eventually } from '../../testing/eventually.ts';
import { freePort } from '../../testing/free-port.ts';
import { realClock as clock } from '../../testing/real-time.ts';
import { describeWith, missingTool, toolPath } from '../../testing/requirements.ts';
import { startEtcd } from '../../testing/servers/etcd.ts';
import { EtcdElectionStore } from '../etcd/etcd-election-store.ts';
import { systemSockets as sockets } from '../system/system-sockets.ts';
import { rememberNames } from './remembered-names.ts';

describeWith(missingTool('etcd'), 'a controller and its etcd', () => {
  test('find one another again while the name server says nothing', async () => {
    let questions = 0;
    rememberNames(clock, () => {
      questions += 1;
      return questions === 1 ? Promise.resolve(['127.0.0.1']) : new Promise(() => undefined);
    });
    const dataDir = await mkdtemp(join(tmpdir(), 'vippool-names-'));
    let etcd = await startEtcd({ binary: toolPath('etcd'), dataDir });
    const hosts = [`http://etcd-0.example:${etcd.port}`];
    const store = new EtcdElectionStore({ hosts, prefix: '/vippool', clock, sockets });
    const answers = async (): Promise<boolean> => {
      try {
        await store.read();
        return true;
      } catch {
        return false;
      }
    };
    try {
      expect(await answers()).toBe(true);
      await etcd.stop();
      await eventually(answers, (is) => !is);
      // From then on the first answer counts only because no new one comes.
      await pause(1_000);
      etcd = await startEtcd({ binary: toolPath('etcd'), dataDir, port: etcd.port });
      await eventually(answers, (is) => is, 10_000);
      expect(questions).toBe(2);
    } finally {
      store.close();
      await etcd.stop();
      await rm(dataDir, { recursive: true });
    }
  }, 30_000);
});

test('a controller whose etcd refuses connections does not ask for its address without a pause', async () => {
  let [looks, calls] = [0, 0];
  // The memory looks at the clock for each question. An endless row of them would let no timer of a test end it.
  const now = (): Monotonic => {
    if (++looks > 1_000) throw new Error('asked without a pause');
    return clock.now();
  };
  rememberNames({ ...clock, now }, () => Promise.resolve(['127.0.0.1']));
  const hosts = [`http://etcd-0.example:${await freePort()}`];
  const store = new EtcdElectionStore({ hosts, prefix: '/vippool', clock, sockets });
  const end = clock.now() + 3_000;
  try {
    for (; clock.now() < end; calls++) {
      await expect(store.read()).rejects.toThrow('etcd read failed');
      await pause(50);
    }
  } finally {
    store.close();
  }
  // Each call is one of a channel of its own.
  expect(looks).toBeLessThan(10 * calls);
}, 30_000);
