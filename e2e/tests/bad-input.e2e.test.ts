import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { VipPoolSpec } from '../../src/core/api/types.gen.ts';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { lenient, MOVE_MS } from '../lib/bounds.ts';
import { Cluster } from '../lib/cluster.ts';
import { SERVICE_NIC } from '../lib/host.ts';
import { ip } from '../lib/ip.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { nodeManifest, poolManifest, type PoolOptions } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { waitFor } from '../lib/wait.ts';

const HOSTS = ['node-1', 'node-2', 'node-3'];
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12'];
const BESIDE = ['192.0.2.20', '192.0.2.21', '192.0.2.22'];
const [FIRST = '', SECOND = ''] = VIPS;
const TOLD_WITHIN_MS = 15_000;

type Placement = NonNullable<VipPoolSpec['placement']>;

/** What an author gets wrong, and what the condition `Ready` of the pool says then. */
const REFUSED: readonly (readonly [string, PoolOptions, RegExp])[] = [
  [
    'an unknown check type',
    // As one writes it: the type checker would refuse it, and an editor does not.
    { health: JSON.parse('{ "checks": [{ "name": "web", "type": "htpp", "url": "http://127.0.0.1/" }] }') as object },
    /^InvalidSpec: spec\.health\.checks\[0\]\.type: unknown type "htpp": did you mean http\? .*stays in force/,
  ],
  [
    'contradicting groups',
    {
      placement: {
        groups: [
          { name: 'one', members: [FIRST, SECOND], policy: 'Together' },
          { name: 'two', members: [...VIPS], policy: 'Apart' },
        ],
      } satisfies Placement,
    },
    /^InvalidSpec: spec\.placement\.groups\[1\]: .*shall be apart here and together in group one: remove/,
  ],
  [
    'homes that contradict a group',
    {
      homes: { [FIRST]: 'node-1', [SECOND]: 'node-1' },
      placement: { groups: [{ name: 'pair', members: [FIRST, SECOND], policy: 'Apart' }] } satisfies Placement,
    },
    /^InvalidSpec: spec\.placement\.groups\[0\]: .*both have the home node-1: give one of them another home/,
  ],
  [
    'weights that leave nobody',
    { placement: { weights: [{ matchLabels: {}, weight: 0 }] } satisfies Placement },
    /^InvalidSpec: spec\.placement\.weights\[0\]: weight 0 for every node leaves nobody .*: give some nodes a weight above 0/,
  ],
];

describeWith(missingForLab(), 'what authors get wrong', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    cluster = await Cluster.start(lab, { etcd: toolPath('etcd') });
    observer = await Observer.start(lab, [...VIPS, ...BESIDE]);
    cluster.apply('nas', poolManifest('nas', VIPS));
    cluster.apply('beside', poolManifest('beside', BESIDE));
    await cluster.ready('nas');
    await cluster.ready('beside');
    await observer.settledOn(VIPS, HOSTS);
    await observer.settledOn(BESIDE, HOSTS);
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  const conditionOf = (pool: string, type: string): string | undefined => {
    const found = cluster.poolStatus(pool)?.conditions?.find((item) => item.type === type);
    return found && `${found.reason}: ${found.message}`;
  };
  const told = async (pool: string, type: string, text: RegExp): Promise<void> => {
    let seen: string | undefined;
    const look = (): boolean => text.test((seen = conditionOf(pool, type)) ?? '');
    await waitFor(`${type} of ${pool} to tell ${text}`, look, TOLD_WITHIN_MS, () => `${seen}`);
  };
  /** Nothing that worked before has moved or was missed by a client. */
  const untouched = async (mark: number, except: readonly string[] = []): Promise<void> => {
    const seen = await observer.since(mark);
    const others = [...VIPS, ...BESIDE].filter((vip) => !except.includes(vip));
    expect(others.map((vip) => seen.movesOf(vip))).toEqual(others.map(() => 0));
    expect(seen.worstOutageOfOthers(...except)).toBeLessThanOrEqual(lenient(MOVE_MS));
  };

  it.each(REFUSED)(
    '%s: the pool says what to write, and goes on as before',
    async (_, options, text) => {
      const mark = observer.mark();
      cluster.apply('nas', poolManifest('nas', VIPS, options));
      await told('nas', 'Ready', text);
      expect(conditionOf('beside', 'Ready')).toMatch(/^AllBound/);
      await untouched(mark);
      cluster.apply('nas', poolManifest('nas', VIPS));
      await cluster.ready('nas');
      await untouched(mark);
    },
    40_000,
  );

  it('an interface that no node has: the pool says which ones there are', async () => {
    const mark = observer.mark();
    cluster.apply('lost', poolManifest('lost', ['192.0.2.30']).replace(SERVICE_NIC, 'eth9'));
    await told('lost', 'Ready', /^NoEligibleNode: .*eth9 is not there: write eth1 in spec\.interface\.names, or start/);
    await untouched(mark);
    cluster.remove('lost');
    await waitFor('the pool to go', () => cluster.poolStatus('lost') === undefined, TOLD_WITHIN_MS);
  }, 40_000);

  it('an interface that one node lacks: its VIPs go elsewhere, and the pool names it', async () => {
    const holders = await observer.holders();
    const own = [...holders].filter(([, hosts]) => hosts.join() === 'node-3').map(([vip]) => vip);
    const mark = observer.mark();
    ip(`-n node-3 link set ${SERVICE_NIC} down`, `-n node-3 link set ${SERVICE_NIC} name other0`);
    await told('nas', 'Degraded', /^InterfaceMissing: no VIP can be on node-3: eth1 is not there/);
    await observer.heldBy(['node-1', 'node-2']);
    await told('nas', 'Ready', /^AllBound/);
    await untouched(mark, own);
    ip(`-n node-3 link set other0 name ${SERVICE_NIC}`, `-n node-3 link set ${SERVICE_NIC} up`);
    await told('nas', 'Degraded', /^NodesHealthy/);
    await observer.settledOn(VIPS, HOSTS, 30_000);
  }, 90_000);

  it('a home that is no node: the pool names it, and nothing moves', async () => {
    const mark = observer.mark();
    cluster.apply('nas', poolManifest('nas', VIPS, { homes: { [FIRST]: 'nod-2' } }));
    await told('nas', 'Degraded', /^HomeUnusable: .*192\.0\.2\.10 .*there is no node nod-2: did you mean node-2\?/);
    await told('nas', 'Ready', /^AllBound/);
    cluster.apply('nas', poolManifest('nas', VIPS));
    await told('nas', 'Degraded', /^NodesHealthy/);
    await untouched(mark);
  }, 40_000);

  it('weights of nodes that leave nobody: what is held is answered, what comes waits and says for what', async () => {
    const mark = observer.mark();
    for (const node of HOSTS) cluster.apply(node, nodeManifest(node, { weight: 0 }));
    cluster.apply('late', poolManifest('late', ['192.0.2.30']));
    await told('late', 'Ready', /^ZeroWeight: .*every node that could has weight 0: give some a weight above 0/);
    await told('nas', 'Degraded', /^ZeroWeight: VIPs stay on node-.*: give a node a weight above 0/);
    for (const node of HOSTS) cluster.apply(node, nodeManifest(node, {}));
    await cluster.ready('late');
    const seen = await observer.since(mark);
    expect(seen.twoHoldersMs).toBe(0);
    expect(seen.worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
  }, 40_000);
});
