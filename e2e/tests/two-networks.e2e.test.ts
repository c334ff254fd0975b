import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { Cluster } from '../lib/cluster.ts';
import { type Heal, managementBlackHole, managementWithoutMulticast, serviceBlackHole } from '../lib/faults.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { sleep, waitFor } from '../lib/wait.ts';
import { cutOff } from '../matrix/promises.ts';

const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12'];
const HOSTS = ['node-1', 'node-2', 'node-3'];
/** The status of a node is written at most once in 10 s. */
const TOLD_WITHIN_MS = 25_000;
/** On a busy machine. */
const LENIENT_MS = 1_000;

describeWith(missingForLab(), 'two networks', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    cluster = await Cluster.start(lab, {
      etcd: toolPath('etcd'),
      moreArguments: () => ['--multicast-probe=239.255.74.80:7483'],
    });
    observer = await Observer.start(lab, VIPS);
    cluster.apply('nas', poolManifest('nas', VIPS, { failbackDelay: '1s' }));
    await cluster.ready('nas');
    await observer.settled(HOSTS);
    // Until all trust their neighbours.
    await sleep(5_000);
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  /** Of the pool, or of the node of that name. */
  const conditionOf = (object: string, type: string): string | undefined => {
    const status = object === 'pool' ? cluster.poolStatus('nas') : cluster.nodeStatus(object);
    const found = status?.conditions?.find((item) => item.type === type);
    return found && `${found.status} ${found.reason}: ${found.message}`;
  };
  const told = (object: string, type: string, text: RegExp): Promise<string> => {
    let seen: string | undefined;
    const look = (): string | undefined => ((seen = conditionOf(object, type)) && text.test(seen) ? seen : undefined);
    return waitFor(`${type} of ${object} to tell ${text}`, look, TOLD_WITHIN_MS, () => `${seen}${cluster.logs()}`);
  };
  const holderOf = async (vip: string): Promise<string> => ((await observer.holders()).get(vip) ?? []).join();
  const healed = async (heal: Heal): Promise<void> => {
    heal();
    await told('pool', 'MembersUnreachable', /^False/);
    await told('pool', 'ServiceNetworkFaulty', /^False/);
    await observer.settled(HOSTS);
    await sleep(5_000);
  };

  it('B1 both are measured on every node', async () => {
    for (const name of HOSTS) {
      const networks = await waitFor(`networks of ${name}`, () => cluster.nodeStatus(name)?.networks, TOLD_WITHIN_MS);
      expect(networks).toMatchObject({ management: { reachable: true }, service: { reachable: true } });
    }
    expect(conditionOf('pool', 'MembersUnreachable')).toMatch(/^False MembersAnswer/);
  });

  it('a host that the service switch cuts off loses its VIPs, and has them back', async () => {
    const vip = VIPS[0] ?? '';
    const holder = await holderOf(vip);
    const mark = observer.mark();
    const heal = serviceBlackHole(lab.host(holder));
    await waitFor('another host to answer', async () => ![holder, ''].includes(await holderOf(vip)), 10_000);
    await told('pool', 'ServiceNetworkFaulty', new RegExp(`^True ServiceUnreachable: nobody answers ${holder}`));
    await told(holder, 'Ready', /^False ServiceUnreachable/);
    const { worstOutage, twoHoldersMs } = await observer.since(mark);
    expect(twoHoldersMs).toBe(0);
    expect(worstOutage).toBeLessThan(cutOff('default') + LENIENT_MS);
    await healed(heal);
  }, 90_000);

  it('where the switch fails for all of them nothing moves', async () => {
    const before = cluster.poolStatus('nas')?.bindings?.map(({ address, node }) => `${address} ${node}`);
    const heals = HOSTS.map((name) => serviceBlackHole(lab.host(name)));
    await told('pool', 'ServiceNetworkFaulty', /^True ServiceDown: .*node-1.*node-2.*node-3/);
    await sleep(2_000);
    expect(cluster.poolStatus('nas')?.bindings?.map(({ address, node }) => `${address} ${node}`)).toEqual(before);
    await healed(() => heals.forEach((heal) => heal()));
    expect(cluster.poolStatus('nas')?.bindings?.map(({ address, node }) => `${address} ${node}`)).toEqual(before);
  }, 90_000);

  it('B3 B6 a node that is lost on the management network alone is told of, and that it lives on the other one', async () => {
    const master = await cluster.master();
    const victim = HOSTS.find((name) => name !== master) ?? '';
    const heal = managementBlackHole(lab.host(victim));
    await told(
      'pool',
      'MembersUnreachable',
      new RegExp(`${victim} \\(alive: answers node-\\d on the service network\\)`),
    );
    await told(victim, 'ManagementNetworkFaulty', /^True HolderAnswers: no heartbeat arrives, but 192\.0\.2\./);
    await healed(heal);
    await told(victim, 'ManagementNetworkFaulty', /^False/);
  }, 90_000);

  it('B6 the host of an old master that misses nothing but multicast is told of, and keeps its VIPs', async () => {
    const old = (await cluster.master()) ?? '';
    const vips = cluster.poolStatus('nas')?.bindings?.filter(({ node }) => node === old).length;
    cluster.controller(old).signal('SIGUSR1');
    await waitFor('another master', async () => ![old, undefined].includes(await cluster.master()), 10_000);
    const heal = managementWithoutMulticast(lab.host(old));
    await told(old, 'ManagementNetworkFaulty', /^True MulticastUnanswered: its heartbeats arrive/);
    await told('pool', 'MembersUnreachable', new RegExp(`${old} \\(its heartbeats arrive: only multicast is lost\\)`));
    expect(cluster.poolStatus('nas')?.bindings?.filter(({ node }) => node === old)).toHaveLength(vips ?? -1);
    heal();
    await told(old, 'ManagementNetworkFaulty', /^False/);
  }, 90_000);
});
