import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeWith, etcdForKubeApiserver, missingKubeApiserver, toolPath } from '../../src/testing/requirements.ts';
import { startEtcd, type EtcdServer } from '../../src/testing/servers/etcd.ts';
import { startKubeApiserver, type KubeApiserver } from '../../src/testing/servers/kube-apiserver.ts';
import { ApiClient, collectionOf } from './api-client.ts';
import { MAX_ADDRESS_ENTRIES, MAX_POOL_ADDRESSES } from '../../src/core/pool-messages.ts';
import { MAX_CHECK_OUTPUT, MAX_CHECK_RESULTS, MAX_HISTORY } from '../../src/core/status-bounds.ts';
import { badManifests, goodManifests } from './manifests.ts';

const api = '/apis/vippool.io/v1alpha1';
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describeWith(missingKubeApiserver(), 'CRDs on a real API server', () => {
  let etcd: EtcdServer | undefined;
  let apiserver: KubeApiserver | undefined;
  let client: ApiClient;

  beforeAll(async () => {
    etcd = await startEtcd({ binary: etcdForKubeApiserver() });
    apiserver = await startKubeApiserver({ binary: toolPath('kube-apiserver'), etcd: etcd.endpoint });
    client = new ApiClient(apiserver);
    await client.installCrds();
  }, 120_000);

  afterAll(async () => {
    await client?.close();
    await apiserver?.stop();
    await etcd?.stop();
  }, 30_000);

  describe('manifests', () => {
    test.each(goodManifests().map((manifest) => [manifest.name, manifest] as const))(
      'accepts %s',
      async (_, { object }) => {
        const answer = await client.applyObject(object);
        expect([200, 201]).toContain(answer.code);
        expect(answer.body).toMatchObject({ metadata: { name: object.metadata.name } });
      },
    );

    const refusedBy = (who: string) =>
      badManifests().flatMap((manifest) => (manifest.refusedBy === who ? [[manifest.name, manifest] as const] : []));

    test.each(refusedBy('schema'))('refuses %s and says why', async (_, { object, server }) => {
      const answer = await client.create(collectionOf(object), object);
      expect([400, 422]).toContain(answer.code);
      const { message } = answer.body as { message: string };
      for (const part of server) expect(message).toContain(part);
    });

    // Fields of a wrong type fail before validation here, with words (and a code 500) of the server's own.
    test.each(refusedBy('schema'))('refuses %s from server-side apply', async (_, { object }) => {
      expect((await client.applyObject(object)).code).toBeGreaterThanOrEqual(400);
    });

    test.each(refusedBy('controller'))('leaves %s to the controller', async (_, { object }) => {
      expect(await client.applyObject(object)).toMatchObject({ code: 201 });
    });

    test('the server stores the defaults of checks, repair and damping', async () => {
      const pool = { apiVersion: 'vippool.io/v1alpha1', kind: 'VipPool', metadata: { name: 'health-defaults' } };
      const health = { checks: [{ name: 'nfs', type: 'nfs' }], repair: { command: ['/checks/repair.sh'] } };
      const { body } = await client.applyObject({ ...pool, spec: { addresses: ['192.0.2.10'], health } });
      expect((body as { spec: unknown }).spec).toMatchObject({
        health: {
          checks: [
            { name: 'nfs', type: 'nfs', interval: '2s', fall: 2, rise: 2, severity: 'Fail', penalty: 50, role: 'Any' },
          ],
          repair: { command: ['/checks/repair.sh'], attempts: 1, deadline: '10s' },
          whenAllUnhealthy: 'Keep',
          damping: { base: '30s', max: '10m', window: '10m' },
        },
      });
    });

    test('the server stores the defaults that the controller assumes', async () => {
      const pool = { apiVersion: 'vippool.io/v1alpha1', kind: 'VipPool', metadata: { name: 'defaults' } };
      const { body } = await client.applyObject({ ...pool, spec: { addresses: ['192.0.2.10'] } });
      expect((body as { spec: unknown }).spec).toEqual({
        addresses: ['192.0.2.10'],
        interface: { matchSubnet: true },
        prefixLength: { ipv4: 32, ipv6: 128 },
        failback: { policy: 'Automatic', delay: '30s' },
        onQuorumLoss: 'Hold',
        announce: { count: 5, interval: '1100ms', refresh: '0s' },
      });
    });
  });

  test('short names, categories and scope', async () => {
    const { body } = await client.call('GET', api);
    expect((body as { resources: unknown }).resources).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'vippools',
          shortNames: ['vip'],
          categories: ['networking'],
          namespaced: false,
        }),
        expect.objectContaining({
          name: 'nodehealths',
          shortNames: ['nh'],
          categories: ['networking'],
          namespaced: false,
        }),
        expect.objectContaining({
          name: 'viptasks',
          shortNames: ['vt'],
          categories: ['networking'],
          namespaced: false,
        }),
        expect.objectContaining({ name: 'viptasks/status' }),
        expect.objectContaining({ name: 'vippools/status' }),
        expect.objectContaining({ name: 'nodehealths/status' }),
      ]),
    );
  });

  test('a task cannot be changed', async () => {
    const task = { apiVersion: 'vippool.io/v1alpha1', kind: 'VipTask', metadata: { name: 'fixed' } };
    const path = `${api}/viptasks/fixed`;
    expect((await client.apply(path, { ...task, spec: { action: 'Failback', pool: 'nas' } })).code).toBe(201);
    expect((await client.apply(path, { ...task, spec: { action: 'Failback', pool: 'nas' } })).code).toBe(200);
    const changed = await client.apply(path, { ...task, spec: { action: 'Failback', pool: 'db' } });
    expect(changed.code).toBe(422);
    expect((changed.body as { message: string }).message).toContain('create another one');
  });

  describe('status', () => {
    const time = '2026-11-21T10:00:00Z';
    const passing = { pool: 'nas', name: 'nfs', state: 'Passing' };
    const ready = { type: 'Ready', status: 'True', reason: 'Bound', message: '', lastTransitionTime: time };
    const pool = { apiVersion: 'vippool.io/v1alpha1', kind: 'VipPool', metadata: { name: 'columns' } };
    const node = { apiVersion: 'vippool.io/v1alpha1', kind: 'NodeHealth', metadata: { name: 'node-a' } };

    beforeAll(async () => {
      await client.applyObject({ ...pool, spec: { addresses: ['192.0.2.10-192.0.2.11'] } });
      await client.apply(`${api}/nodehealths/node-a`, node);
    });

    test('of a pool is a subresource, and kubectl shows it in columns', async () => {
      const binding = {
        address: '192.0.2.10',
        node: 'node-a',
        state: 'Bound',
        since: time,
        term: 7,
        reason: 'Balanced',
      };
      const status = {
        observedGeneration: 1,
        conditions: [{ ...ready, observedGeneration: 1 }],
        total: 2,
        assigned: 1,
        nodes: 3,
        master: 'controller-0',
        bindings: [binding],
      };
      const written = await client.apply(`${api}/vippools/columns/status`, { ...pool, status });
      expect(written).toMatchObject({ code: 200, body: { metadata: { generation: 1 }, status } });
      expect(await rowOf('vippools', 'columns')).toEqual({
        Name: 'columns',
        Ready: 'True',
        Assigned: 1,
        Total: 2,
        Nodes: 3,
        Failback: 'Automatic',
        Addresses: '["192.0.2.10-192.0.2.11"]',
        Master: 'controller-0',
        Age: expect.any(String),
      });
    });

    test('cannot be set through the object itself', async () => {
      await client.apply(`${api}/vippools/columns`, {
        ...pool,
        spec: { addresses: ['192.0.2.10'] },
        status: { total: 99 },
      });
      const { body } = await client.call('GET', `${api}/vippools/columns`);
      expect(body).not.toMatchObject({ status: { total: 99 } });
    });

    test('of a node is a subresource, and kubectl shows it in columns', async () => {
      const status = {
        phase: 'Degraded',
        role: 'Member',
        agentVersion: '0.1.0',
        labels: { role: 'nas' },
        term: 7,
        leaseEpoch: 4,
        leaseSince: time,
        lastHeartbeatTime: time,
        interfaces: [{ name: 'eth1', mac: '02:42:ac:11:00:02', carrier: true, addresses: ['192.0.2.7/24'] }],
        checks: [
          { pool: 'nas', name: 'nfs', state: 'Failing', output: 'timed out', duration: '1s', since: time },
          { pool: 'nas', name: 'smb', state: 'Passing' },
        ],
        networks: { management: { reachable: true, rtt: '0.4ms' }, service: { reachable: false } },
        vips: ['192.0.2.10', '2001:db8::10'],
        vipCount: 2,
        conditions: [ready],
      };
      const written = await client.apply(`${api}/nodehealths/node-a/status`, { ...node, status });
      expect(written).toMatchObject({ code: 200, body: { status } });
      expect(await rowOf('nodehealths', 'node-a')).toEqual({
        Name: 'node-a',
        Phase: 'Degraded',
        Role: 'Member',
        VIPs: 2,
        Lease: 4,
        'Lease Age': expect.any(String),
        Maintenance: null,
        Version: '0.1.0',
        Held: '["192.0.2.10","2001:db8::10"]',
        Age: expect.any(String),
      });
    });

    test.each([
      ['an unknown phase', { phase: 'Sick' }, 'Unsupported value: "Sick"'],
      ['two conditions of one type', { phase: 'Healthy', conditions: [ready, ready] }, 'duplicate'],
      ['output that is too long', { phase: 'Healthy', checks: [{ ...passing, output: 'x'.repeat(201) }] }, 'Too long'],
      ['a time that is none', { phase: 'Healthy', lastHeartbeatTime: 'today' }, 'date-time'],
    ])('with %s is refused', async (_, status, message) => {
      const { code, body } = await client.apply(`${api}/nodehealths/node-a/status`, { ...node, status });
      expect(code).toBeGreaterThanOrEqual(400);
      expect((body as { message: string }).message).toContain(message);
    });
  });

  test('the largest pool is accepted, and its status still fits', async () => {
    const addresses = Array.from(
      { length: MAX_POOL_ADDRESSES },
      (_, index) => `2001:db8:1111:2222:3333:4444:5555:${(0x1000 + index).toString(16)}`,
    );
    const longName = [63, 63, 63, 61].map((length) => 'n'.repeat(length)).join('.');
    const pool = { apiVersion: 'vippool.io/v1alpha1', kind: 'VipPool', metadata: { name: 'largest' } };
    const spec = {
      addresses: Array.from(
        { length: MAX_ADDRESS_ENTRIES },
        (_, index) => `${addresses[index * 32]}-${addresses[index * 32 + 31]}`,
      ),
      exclude: Array.from(
        { length: MAX_ADDRESS_ENTRIES },
        (_, index) => `2001:db8:1111:2222:3333:4444:5555:${index}-2001:db8:1111:2222:3333:4444:6666:${index}`,
      ),
      placement: { homes: Object.fromEntries(addresses.map((address) => [address, 'node-a.storage.example.com'])) },
    };
    expect(await client.applyObject({ ...pool, spec })).toMatchObject({ code: 201 });
    const bindings = addresses.map((address) => ({
      address,
      node: longName,
      home: longName,
      interface: 'enx0123456789ab',
      state: 'Unassigned',
      since: '2026-11-21T10:00:00Z',
      term: Number.MAX_SAFE_INTEGER,
      reason: 'HomeRecoveredAfterDelay',
    }));
    const conditions = Array.from({ length: 5 }, (_, index) => ({
      type: `Condition${index}`,
      status: 'True',
      reason: 'HomeRecoveredAfterDelay',
      message: 'm'.repeat(4_096),
      lastTransitionTime: '2026-11-21T10:00:00Z',
    }));
    const history = Array.from({ length: MAX_HISTORY }, (_, index) => ({
      time: '2026-11-21T10:00:00Z',
      address: addresses[index],
      from: longName,
      to: longName,
      reason: 'HomeRecoveredAfterDelay',
      detectMs: 86_400_000,
      decideMs: 86_400_000,
      bindMs: 86_400_000,
    }));
    const status = { observedGeneration: 1, conditions, total: addresses.length, bindings, history };
    await client.applyObject({ ...pool, spec: { addresses: [`${addresses[0]}-${addresses.at(-1)}`] } });
    expect(await client.apply(`${api}/vippools/largest/status`, { ...pool, status })).toMatchObject({ code: 200 });
  });

  test('the largest status of a node fits', async () => {
    const node = { apiVersion: 'vippool.io/v1alpha1', kind: 'NodeHealth', metadata: { name: 'largest' } };
    const pool = [63, 63, 63, 61].map((length) => 'p'.repeat(length)).join('.');
    const checks = Array.from({ length: MAX_CHECK_RESULTS }, (_, index) => ({
      pool,
      name: `${'c'.repeat(59)}-${index}`.slice(-63),
      state: 'Failing',
      output: '\u{1F4A5}'.repeat(MAX_CHECK_OUTPUT),
      duration: '3600000.123ms',
      since: '2026-11-21T10:00:00Z',
    }));
    await client.applyObject(node);
    const written = await client.apply(`${api}/nodehealths/largest/status`, {
      ...node,
      status: { phase: 'Unhealthy', checks },
    });
    expect(written).toMatchObject({ code: 200 });
    const tooMany = { phase: 'Unhealthy', checks: [...checks, { pool, name: 'one-more', state: 'Unknown' }] };
    expect((await client.apply(`${api}/nodehealths/largest/status`, { ...node, status: tooMany })).code).toBe(422);
  });

  /** One row of what `kubectl get -o wide` prints, by column; Age comes last. */
  async function rowOf(resource: string, name: string): Promise<Record<string, unknown>> {
    const { body } = await client.call('GET', `${api}/${resource}/${name}`, { accept: table });
    const { columnDefinitions, rows } = body as {
      columnDefinitions: { name: string }[];
      rows: { cells: unknown[] }[];
    };
    expect(columnDefinitions.at(-1)?.name).toBe('Age');
    return Object.fromEntries(columnDefinitions.map((column, index) => [column.name, rows[0]?.cells[index]]));
  }
});
