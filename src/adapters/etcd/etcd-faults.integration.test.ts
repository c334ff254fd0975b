import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LeaseId, QueueEntry } from '../../core/election-types.ts';
import { controllerId } from '../../core/ids.ts';
import type { ElectionStore } from '../../ports/election-store.ts';
import { term } from '../../testing/contract/election-store.contract.ts';
import { eventually } from '../../testing/eventually.ts';
import { freeze } from '../../testing/freeze.ts';
import { realClock } from '../../testing/real-time.ts';
import { describeWith, missingTool, toolPath } from '../../testing/requirements.ts';
import { type EtcdServer, startEtcd } from '../../testing/servers/etcd.ts';
import { TcpProxy } from '../../testing/tcp-proxy.ts';
import { systemSockets as sockets } from '../system/system-sockets.ts';
import { EtcdElectionStore } from './etcd-election-store.ts';

const ID = controllerId('c1');
const DEADLINE_MS = 500;
/** A call has failed by then, on a busy machine too. */
const SURELY_FAILED_MS = DEADLINE_MS + 700;

/** Every call of the store, each with what it would be asked for. */
const calls = (store: ElectionStore, lease: LeaseId, entry: QueueEntry): Record<string, () => Promise<unknown>> => ({
  grant: () => store.grant(5_000),
  renew: () => store.renew(lease),
  enqueue: () => store.enqueue(lease, ID),
  read: () => store.read(),
  claim: () => store.claim(entry, term(9), undefined),
  takeOver: () => store.takeOver(entry, [], term(9), undefined),
  electorate: () => store.electorate({ version: 1, members: [{ id: ID, address: '10.0.0.1:7480' }] }),
  revoke: () => store.revoke(lease),
});

async function failure(call: () => Promise<unknown>): Promise<{ code: string; retryable: boolean; tookMs: number }> {
  const began = realClock.now();
  try {
    await call();
  } catch (error) {
    const { code, retryable } = error as { code: string; retryable: boolean };
    return { code, retryable, tookMs: realClock.now() - began };
  }
  throw new Error('the call succeeded');
}

describeWith(missingTool('etcd'), 'EtcdElectionStore with an etcd', () => {
  let dataDir: string;
  let etcd: EtcdServer;
  const stores: ElectionStore[] = [];
  const open = (endpoint = etcd.endpoint): ElectionStore => {
    const store = new EtcdElectionStore({
      hosts: [endpoint],
      prefix: '/vippool',
      clock: realClock,
      sockets,
      deadlineMs: DEADLINE_MS,
    });
    stores.push(store);
    return store;
  };
  const inQueue = async (store: ElectionStore): Promise<{ lease: LeaseId; entry: QueueEntry }> => {
    const lease = await store.grant(30_000);
    await store.enqueue(lease, ID);
    const [entry] = (await store.read()).queue;
    if (!entry) throw new Error('not in the queue');
    return { lease, entry };
  };
  /** Waits until the store answers; only the store's own attempts bring it back. */
  const recovery = async (store: ElectionStore, withinMs = 3_000): Promise<void> => {
    let up = false;
    const ask = async (): Promise<void> => {
      up = await store.read().then(
        () => true,
        () => false,
      );
    };
    await ask();
    await eventually(
      () => (up ? up : void ask()),
      () => up,
      withinMs,
    );
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'vippool-etcd-faults-'));
    etcd = await startEtcd({ binary: toolPath('etcd'), dataDir });
  }, 30_000);
  afterEach(async () => {
    for (const store of stores.splice(0)) store.close();
    await etcd.kill();
    await rm(dataDir, { recursive: true, force: true });
  }, 30_000);

  test('that was killed: calls fail at once, and work again after its restart', async () => {
    const store = open();
    const { lease, entry } = await inQueue(store);
    await etcd.kill();
    for (const call of Object.values(calls(store, lease, entry))) {
      const { code, retryable, tookMs } = await failure(call);
      expect({ code, retryable }).toEqual({ code: 'Unavailable', retryable: true });
      expect(tookMs).toBeLessThan(SURELY_FAILED_MS);
    }
    etcd = await startEtcd({ binary: toolPath('etcd'), dataDir, port: etcd.port });
    await recovery(store);
    const again = await store.grant(5_000);
    expect(await store.renew(again)).toBe(true);
  }, 60_000);

  test('that was never there: calls fail, and work as soon as it comes up', async () => {
    await etcd.kill();
    const store = open();
    let told = 0;
    store.watch(() => told++);
    expect(await failure(() => store.grant(5_000))).toMatchObject({ code: 'Unavailable', retryable: true });
    etcd = await startEtcd({ binary: toolPath('etcd'), dataDir, port: etcd.port });
    await recovery(store);
    expect(await store.renew(await store.grant(5_000))).toBe(true);
    await eventually(
      () => told,
      (count) => count > 0,
      30_000,
    );
  }, 60_000);

  test('that is frozen: every call ends at its deadline, and works again after the thaw', async () => {
    const store = open();
    const { lease, entry } = await inQueue(store);
    await freeze(etcd.pid);
    try {
      for (const call of Object.values(calls(store, lease, entry))) {
        const { code, retryable, tookMs } = await failure(call);
        expect({ code, retryable }).toEqual({ code: 'DeadlineExceeded', retryable: true });
        expect(tookMs).toBeLessThan(SURELY_FAILED_MS);
      }
    } finally {
      process.kill(etcd.pid, 'SIGCONT');
    }
    await recovery(store);
    expect(await store.renew(await store.grant(5_000))).toBe(true);
  }, 60_000);

  test('behind a connection that went dead: the next calls use a new one', async () => {
    const proxy = new TcpProxy(etcd.port);
    const store = open(`http://127.0.0.1:${await proxy.start()}`);
    try {
      const { lease } = await inQueue(store);
      proxy.freeze();
      expect(await failure(() => store.renew(lease))).toMatchObject({ code: 'DeadlineExceeded' });
      expect(await store.renew(lease)).toBe(true);
      expect((await store.read()).queue).toHaveLength(1);
    } finally {
      store.close();
      await proxy.stop();
    }
  }, 60_000);

  describe('watch', () => {
    test('tells of changes again after a restart', async () => {
      const store = open();
      let told = 0;
      store.watch(() => told++);
      await eventually(
        () => told,
        (count) => count > 0,
      );
      await etcd.kill();
      const beforeReconnect = told;
      etcd = await startEtcd({ binary: toolPath('etcd'), dataDir, port: etcd.port });
      await eventually(
        () => told,
        (count) => count > beforeReconnect,
        30_000,
      );
      const other = open();
      const before = told;
      await recovery(other);
      await inQueue(other);
      await eventually(
        () => told,
        (count) => count > before,
      );
    }, 60_000);
  });

  test.each(['there', 'killed', 'frozen'] as const)(
    'that is %s keeps no process alive whose store is closed',
    (fate) => {
      const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
      const script = `
      import { EtcdElectionStore } from ${module('etcd-election-store.ts')};
      import { realClock as clock } from ${module('../../testing/real-time.ts')};
      import { systemSockets as sockets } from ${module('../system/system-sockets.ts')};
      const store = new EtcdElectionStore({ hosts: ['${etcd.endpoint}'], prefix: '/vippool', clock, sockets });
      const connected = new Promise((resolve) => store.watch(resolve));
      await store.grant(5_000);
      await connected;
      if ('${fate}' === 'killed') process.kill(${etcd.pid}, 'SIGKILL');
      if ('${fate}' === 'frozen') process.kill(${etcd.pid}, 'SIGSTOP');
      store.close();`;
      const { status, signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        encoding: 'utf8',
        timeout: 20_000,
      });
      if (fate === 'frozen') process.kill(etcd.pid, 'SIGCONT');
      expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
    },
    60_000,
  );
});
