import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Condition, NodeHealthStatus, VipPoolStatus } from '../../src/core/api/types.gen.ts';
import {
  describeWith,
  etcdForKubeApiserver,
  firstMissing,
  missingKubeApiserver,
  missingTool,
} from '../../src/testing/requirements.ts';
import { KubeAuthor } from '../../src/testing/kube-author.ts';
import { ApiServer } from '../lib/api-server.ts';
import { lenient, MOVE_MS } from '../lib/bounds.ts';
import { Cluster } from '../lib/cluster.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { nodeManifest } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { now, sleep, waitFor } from '../lib/wait.ts';

const EXAMPLE = readFileSync(resolve(import.meta.dirname, '../../examples/nas-pool.yaml'), 'utf8');
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13', '192.0.2.14', '2001:db8::10'];
const HOSTS = ['node-1', 'node-2', 'node-3'];
/** From `kubectl apply`, or an edit, to what a client sees of it. */
const CONVERGED_MS = 1_000;

interface VipPool {
  readonly metadata: { readonly generation: number; readonly finalizers?: readonly string[] };
  readonly status?: VipPoolStatus;
}

const missing = firstMissing(missingForLab(), missingKubeApiserver(), missingTool('kubectl'));

describeWith(missing, 'on a real API server', () => {
  let lab: Lab;
  let cluster: Cluster;
  let api: ApiServer;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    const source = async (): Promise<readonly string[]> => {
      api = await ApiServer.start();
      return api.source;
    };
    cluster = await Cluster.start(lab, { etcd: etcdForKubeApiserver(), source });
    observer = await Observer.start(lab, VIPS);
    const healthy = (): boolean => (api.get('nodehealths') as { items: unknown[] }).items.length === 3;
    await waitFor('three NodeHealths', healthy, 30_000, () => cluster.logs());
    // The first master gives nothing away before every node with a lease can have found it.
    await sleep(2_000);
  }, 120_000);

  afterAll(async () => {
    await observer?.stop();
    await api?.server.stop();
    await lab?.destroy();
  }, 30_000);

  const pool = (): VipPool => api.get('vippool', 'nas') as VipPool;
  const ready = (): Condition | undefined => pool().status?.conditions?.find((item) => item.type === 'Ready');
  const node = (name: string): NodeHealthStatus | undefined =>
    (api.get('nodehealth', name) as { status?: NodeHealthStatus }).status;
  const edited = (addresses: readonly string[]): string =>
    EXAMPLE.replace(/ {2}addresses:\n(?: {4}- .*\n)+/, `  addresses: ${JSON.stringify(addresses)}\n`);
  const answered = async (vip: string): Promise<boolean> => (await observer.holders()).get(vip)?.length === 1;

  it('D4 E1 kubectl apply binds the VIPs: the first probe is answered within a second', async () => {
    const mark = now();
    api.apply(EXAMPLE);
    await observer.settled(HOSTS, lenient(CONVERGED_MS) + 5_000);
    await sleep(200);
    const seen = await observer.since(mark);
    const last = Math.max(...VIPS.map((vip) => seen.firstAnswer(vip) ?? Number.POSITIVE_INFINITY));
    expect(last - mark).toBeLessThanOrEqual(lenient(CONVERGED_MS));
  }, 30_000);

  it('D4 kubectl get shows who holds what', async () => {
    await waitFor(
      'Ready',
      () => ready()?.status === 'True',
      5_000,
      () => JSON.stringify(pool().status),
    );
    const { observedGeneration, bindings = [] } = pool().status ?? {};
    expect(observedGeneration).toBe(pool().metadata.generation);
    const holders = await observer.holders();
    for (const { address, node } of bindings) expect([address, holders.get(address)]).toEqual([address, [node]]);
    expect(api.kubectl('get', 'vippools')).toMatch(
      /NAME +READY +ASSIGNED +TOTAL +NODES +FAILBACK +AGE\s+nas +True +6 +6 +3 +Automatic/,
    );
    const nodes = api.get('nodehealths') as { items: { metadata: { name: string }; status: NodeHealthStatus }[] };
    expect(nodes.items.map((item) => [item.metadata.name, item.status.phase, item.status.vipCount])).toEqual(
      HOSTS.map((name) => [name, 'Healthy', 2]),
    );
    expect(api.kubectl('get', 'nodehealths')).toMatch(/NAME +PHASE/);
  }, 30_000);

  it('E1 an address is added, one removed, a range widened: the others are not touched', async () => {
    const before = await observer.holders();
    const since = (): Map<string, string> =>
      new Map(pool().status?.bindings?.map((binding) => [binding.address, binding.since]));
    const sinceBefore = since();
    const stay = ['192.0.2.11', '192.0.2.12', '2001:db8::10'];
    await observer.add(['192.0.2.15', '192.0.2.16', '192.0.2.20']);
    const mark = now();
    api.apply(edited(['192.0.2.11-192.0.2.16', '192.0.2.20', '2001:db8::10']));
    const converged = async (): Promise<boolean> => {
      const holders = await observer.holders();
      const fresh = ['192.0.2.15', '192.0.2.16', '192.0.2.20'].every((vip) => holders.get(vip)?.length === 1);
      return fresh && holders.get('192.0.2.10')?.length === 0;
    };
    await waitFor('the edit to converge', converged, lenient(CONVERGED_MS), () => cluster.logs());
    const seen = await observer.since(mark);
    const after = await observer.holders();
    for (const vip of stay) {
      expect([vip, after.get(vip)]).toEqual([vip, before.get(vip)]);
      expect(seen.outage(vip)).toBeLessThanOrEqual(lenient(MOVE_MS));
    }
    await waitFor('the status', () => since().size === 8, 5_000);
    for (const vip of stay) expect([vip, since().get(vip)]).toEqual([vip, sinceBefore.get(vip)]);
    api.apply(EXAMPLE);
    await waitFor('the way back', () => answered('192.0.2.10'), lenient(CONVERGED_MS));
    const released = async (): Promise<boolean> => {
      const holders = await observer.holders();
      return ['192.0.2.15', '192.0.2.16', '192.0.2.20'].every((vip) => holders.get(vip)?.length === 0);
    };
    await waitFor('the release of what was added', released, lenient(CONVERGED_MS), () => cluster.logs());
  }, 30_000);

  it('E1 a bad edit changes nothing that works and says why', async () => {
    const before = await observer.holders();
    // The schema cannot order IPv6 addresses, so this one gets as far as the controller.
    api.apply(edited(['192.0.2.10-192.0.2.14', '2001:db8::20-2001:db8::10']));
    const { generation } = pool().metadata;
    await waitFor(
      'Ready=False',
      () => ready()?.reason === 'InvalidSpec',
      5_000,
      () => JSON.stringify(pool().status),
    );
    expect(ready()).toMatchObject({ status: 'False', observedGeneration: generation });
    api.kubectl('wait', '--for=condition=Stalled', 'vippool/nas', '--timeout=5s');
    expect(ready()?.message).toMatch(/spec\.addresses\[1\]: the range is inverted: write the lower address first/);
    expect(await observer.holders()).toEqual(before);
    expect(() => api.apply(edited(['192.0.2.0/0']))).toThrow(/write/);
    const contradicting = [
      { name: 'one', members: ['192.0.2.10', '192.0.2.11'], policy: 'Together' },
      { name: 'two', members: ['192.0.2.10', '192.0.2.11', '192.0.2.12'], policy: 'Apart' },
    ];
    // Nor can it compare every pair of members.
    api.apply(`${EXAMPLE}  placement: ${JSON.stringify({ groups: contradicting })}\n`);
    await waitFor(
      'what to write about the groups',
      () =>
        /^spec\.placement\.groups\[1\]: .*apart here and together in group one: remove/.test(ready()?.message ?? ''),
      5_000,
      () => JSON.stringify(pool().status),
    );
    expect(await observer.holders()).toEqual(before);
    api.apply(EXAMPLE);
    await waitFor('Ready=True', () => ready()?.status === 'True', 5_000);
  }, 30_000);

  it('D4 E1 kubectl label node decides who holds a pool', async () => {
    const vip = '192.0.2.30';
    await observer.add([vip]);
    for (const name of HOSTS) api.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name } }));
    const spec = { addresses: [vip], interface: { names: ['eth1'] }, nodeSelector: { matchLabels: { disk: 'ssd' } } };
    api.apply(JSON.stringify({ apiVersion: 'vippool.io/v1alpha1', kind: 'VipPool', metadata: { name: 'fast' }, spec }));
    const reason = (): string | undefined =>
      (api.get('vippool', 'fast') as VipPool).status?.conditions?.find(({ type }) => type === 'Ready')?.reason;
    await waitFor('a pool without nodes', () => reason() === 'NoEligibleNode', 5_000);
    const heldBy = (host: string) => async (): Promise<boolean> => (await observer.holders()).get(vip)?.join() === host;
    api.kubectl('label', 'node', 'node-2', 'disk=ssd');
    await waitFor('node-2 to hold it', heldBy('node-2'), lenient(CONVERGED_MS), () => cluster.logs());
    api.kubectl('label', 'node', 'node-3', 'disk=ssd');
    const mark = now();
    api.kubectl('label', 'node', 'node-2', 'disk-');
    await waitFor('node-3 to hold it', heldBy('node-3'), lenient(CONVERGED_MS), () => cluster.logs());
    const seen = await observer.since(mark);
    expect(seen.outage(vip)).toBeLessThanOrEqual(lenient(MOVE_MS));
    expect(seen.twoHoldersMs).toBe(0);
    api.kubectl('delete', 'vippool', 'fast', '--timeout=20s');
  }, 60_000);

  it('A2 the API server is away and comes back: VIPs stay, a takeover happens, the status follows', async () => {
    const mark = now();
    process.kill(api.server.pid, 'SIGSTOP');
    const master = await cluster.master();
    const victim = HOSTS.find((host) => host !== master) ?? '';
    await sleep(1_000);
    await lab.host(victim).powerOff();
    await observer.settledOn(
      VIPS,
      HOSTS.filter((host) => host !== victim),
      15_000,
    );
    process.kill(api.server.pid, 'SIGCONT');
    const told = (): boolean => (pool().status?.bindings ?? []).every((item) => item.node !== victim);
    await waitFor('the status', told, 40_000, () => cluster.logs());
    const events = (kind: string, name: string): string =>
      api.kubectl('describe', kind, name).split('Events:')[1] ?? '';
    await waitFor(
      'the events of the takeover',
      () => new RegExp(`Warning +NodeLost .* from ${victim} to node-`).test(events('vippool', 'nas')),
      10_000,
      () => events('vippool', 'nas'),
    );
    const lost = new RegExp(`Warning +NodeLost .* pool nas: .* from ${victim} to node-`);
    const ofNode = [/Warning +NodeLost .*Ready=False: no heartbeat arrives/, lost];
    await waitFor(
      'the events of the node',
      () => ofNode.every((pattern) => pattern.test(events('nodehealth', victim))),
      10_000,
      () => events('nodehealth', victim),
    );
    lab.host(victim).powerOn();
    expect((await observer.since(mark)).twoHoldersMs).toBe(0);
  }, 90_000);

  it('C3 a patched NodeHealth is in force on every host within a second, and one that is wrong changes nothing', async () => {
    const healthy = (): boolean => HOSTS.every((name) => node(name)?.phase === 'Healthy');
    await waitFor('every node to be back', healthy, 30_000, () => cluster.logs());
    // The API server has it by now; how long kubectl takes to start is no matter of ours.
    const inForce = async (what: string, isSeen: () => boolean | Promise<boolean>, declared = now()): Promise<void> => {
      await waitFor(what, isSeen, 10_000, () => cluster.logs());
      expect(now() - declared).toBeLessThanOrEqual(lenient(CONVERGED_MS));
    };
    const everywhere = (spec: Parameters<typeof nodeManifest>[1]): string =>
      api.apply(HOSTS.map((name) => nodeManifest(name, spec)).join('---\n'));
    const logged = (text: string): number[] => HOSTS.map((name) => cluster.agent(name).log().split(text).length - 1);
    everywhere({ logLevel: 'debug' });
    await inForce('every agent to log debug lines', () => logged('"to":"debug"').every((times) => times > 0));
    const check = { name: 'port', type: 'tcp', port: 7482, interval: '1h' };
    api.kubectl(
      'patch',
      'vippool',
      'nas',
      '--type=merge',
      '-p',
      JSON.stringify({ spec: { health: { checks: [check] } } }),
    );
    const taken = '"message":"configuration taken"';
    await inForce('every agent to check', () => logged(taken).every((times) => times > 0));
    const before = logged(taken);
    everywhere({ logLevel: 'debug', checks: [{ name: 'port', fall: 7 }] });
    const isOverridden = (): boolean => logged(taken).every((times, index) => times > (before[index] ?? 0));
    await inForce('every agent to check as its node says', isOverridden);
    api.kubectl('patch', 'vippool', 'nas', '--type=merge', '-p', '{"spec":{"health":null}}');
    const patch = (name: string, spec: object): string =>
      api.kubectl('patch', 'nodehealth', name, '--type=merge', '-p', JSON.stringify({ spec }));
    expect(() => patch('node-1', { weight: 101 })).toThrow(/spec\.weight/);
    expect(() => patch('node-1', { maintenance: true, checks: [{ name: 'nfs' }, { name: 'nfs' }] })).toThrow(
      /two entries for the same check: write all of it into one entry/,
    );
    const isEmpty = async (name: string): Promise<boolean> =>
      ![...(await observer.holders()).values()].some((hosts) => hosts.includes(name));
    // With the start of kubectl: VIPs may be gone before it ends.
    const drained = now();
    patch('node-1', { maintenance: true });
    await inForce('node-1 to hold nothing', () => isEmpty('node-1'), drained);
    const reason = (): string | undefined =>
      node('node-1')?.conditions?.find(({ type, status }) => type === 'Ready' && status === 'False')?.reason;
    await waitFor(
      'the status of node-1',
      () => reason() === 'Maintenance',
      5_000,
      () => JSON.stringify(node('node-1')),
    );
    patch('node-1', { maintenance: null, logLevel: null, checks: null });
    await waitFor('the end of the maintenance', () => node('node-1')?.phase === 'Healthy', 5_000);
    expect(await isEmpty('node-2')).toBe(false);
    const lightened = now();
    patch('node-2', { weight: 0 });
    await inForce('node-2 to hold nothing', () => isEmpty('node-2'), lightened);
    patch('node-2', { weight: null });
    const { metadata } = api.get('nodehealth', 'node-1') as VipPool;
    expect(node('node-1')?.observedGeneration).toBe(metadata.generation);
  }, 90_000);

  it('D7 a pool by kubectl, and one by a raw POST to the API: both are bound', async () => {
    const pools = { 'by-kubectl': '192.0.2.31', 'by-post': '192.0.2.32' };
    await observer.add(Object.values(pools));
    const manifest = (name: keyof typeof pools): object => ({
      apiVersion: 'vippool.io/v1alpha1',
      kind: 'VipPool',
      metadata: { name },
      spec: { addresses: [pools[name]], interface: { names: ['eth1'] } },
    });
    api.apply(JSON.stringify(manifest('by-kubectl')));
    const author = new KubeAuthor(api.server);
    const made = await author.call('POST', '/apis/vippool.io/v1alpha1/vippools', manifest('by-post'));
    await author.close();
    expect(made).toMatchObject({ status: 201, body: { metadata: { name: 'by-post', generation: 1 } } });
    for (const [name, vip] of Object.entries(pools)) {
      await waitFor(
        `${name} to be answered`,
        () => answered(vip),
        lenient(CONVERGED_MS),
        () => cluster.logs(),
      );
      api.kubectl('wait', '--for=condition=Ready', `vippool/${name}`, '--timeout=10s');
    }
    api.kubectl('delete', 'vippool', ...Object.keys(pools), '--timeout=20s');
  }, 60_000);

  it('C7 every controller and etcd restart: the spec is in force, and status.history is the same', async () => {
    const isHome = (): boolean =>
      ready()?.status === 'True' && (pool().status?.bindings ?? []).every((item) => item.node === item.home);
    await waitFor('every VIP to be at home', isHome, 60_000, () => JSON.stringify(pool().status));
    const [before, holders, nodeBefore] = [pool(), await observer.holders(), node('node-1')];
    expect(before.status?.history).not.toEqual([]);
    const mark = now();
    await Promise.all([cluster.etcd.kill(), ...HOSTS.map((name) => cluster.controller(name).kill())]);
    cluster.etcd.start();
    for (const name of HOSTS) cluster.controller(name).start();
    // A status of a higher term is one that a master wrote after the restart.
    const term = (): number => {
      try {
        return node('node-1')?.term ?? 0;
      } catch {
        // The API server waits for etcd.
        return 0;
      }
    };
    await waitFor(
      'the next term',
      () => term() > (nodeBefore?.term ?? 0),
      60_000,
      () => cluster.logs(),
    );
    await waitFor(
      'Ready=True',
      () => ready()?.status === 'True',
      15_000,
      () => JSON.stringify(pool().status),
    );
    const after = pool();
    expect(after.metadata.generation).toBe(before.metadata.generation);
    expect(after.status?.observedGeneration).toBe(before.metadata.generation);
    expect(after.status?.history).toEqual(before.status?.history);
    expect(await observer.holders()).toEqual(holders);
    const seen = await observer.since(mark);
    for (const vip of VIPS) expect(seen.outage(vip)).toBeLessThanOrEqual(lenient(MOVE_MS));
    expect(seen.twoHoldersMs).toBe(0);
    await observer.add(['192.0.2.15']);
    api.apply(edited([...VIPS, '192.0.2.15']));
    await waitFor(
      'an edit to converge',
      () => answered('192.0.2.15'),
      lenient(CONVERGED_MS),
      () => cluster.logs(),
    );
    api.apply(EXAMPLE);
  }, 180_000);

  it('E3 a deleted pool releases its VIPs before it goes', async () => {
    expect(pool().metadata.finalizers).toContain('vippool.io/release');
    api.kubectl('delete', 'vippool', 'nas', '--timeout=20s');
    const holders = await observer.holders();
    expect(VIPS.map((vip) => holders.get(vip))).toEqual(VIPS.map(() => []));
  }, 40_000);

  it('C2 a node that says goodbye is shown as such', async () => {
    await cluster.agent('node-1').stop();
    const gone = (): boolean => node('node-1')?.phase === 'Unreachable';
    await waitFor('Unreachable', gone, lenient(MOVE_MS) + 5_000);
  }, 30_000);
});
