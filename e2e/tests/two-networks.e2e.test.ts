import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { lenient, MOVE_MS, TAKEOVER_MS } from '../lib/bounds.ts';
import { Cluster } from '../lib/cluster.ts';
import { type Heal, managementBlackHole, managementWithoutMulticast, serviceBlackHole } from '../lib/faults.ts';
import { SERVICE_NIC } from '../lib/host.ts';
import { CLIENT, CLIENT_ADDRESS, Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { type PoolOptions, poolManifest } from '../lib/pool-manifest.ts';
import { namespacePath } from '../lib/probe/namespace.ts';
import { missingForLab } from '../lib/requirements.ts';
import { trafficWithin } from '../lib/traffic.ts';
import { sleep, waitFor } from '../lib/wait.ts';
import { takeover } from '../matrix/promises.ts';

const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12'];
/** Of the pool that follows the master. */
const MASTER_VIP = '192.0.2.20';
const HOSTS = ['node-1', 'node-2', 'node-3'];
/** Against the order of the addresses. */
const PRIORITIES: Readonly<Record<string, number>> = { 'node-1': 30, 'node-2': 20, 'node-3': 10 };
/** The status of a node is written at most once in 10 s. */
const TOLD_WITHIN_MS = 25_000;
/** From the condition of the pool to that of the node: both are written on change. */
const TOGETHER_MS = 2_000;
/** On a busy machine. */
const LENIENT_MS = 1_000;
const METRICS_PORT = 7481;
/** In the pool of one VIP, so that hosts with it and without it ask. It moves nothing. */
const GATEWAY = {
  name: 'gateway',
  type: 'gateway',
  address: CLIENT_ADDRESS,
  interval: '1s',
  fall: 3,
  severity: 'Degrade',
  penalty: 1,
} as const;

describeWith(missingForLab(), 'two networks', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    cluster = await Cluster.start(lab, {
      etcd: toolPath('etcd'),
      moreArguments: (kind, host) => [
        '--multicast-probe=239.255.74.80:7483',
        ...(kind === 'controller'
          ? [`--priority=${PRIORITIES[host]}`, `--metrics-listen=0.0.0.0:${METRICS_PORT}`]
          : []),
      ],
    });
    observer = await Observer.start(lab, [...VIPS, MASTER_VIP]);
    declare({});
    await cluster.ready('nas');
    await cluster.ready('admin');
    await observer.settledOn(VIPS, HOSTS);
    // Until all trust their neighbours.
    await sleep(5_000);
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  /** Alarms that the controllers tell a client which reaches them on the service network alone. */
  const alarms = (): string =>
    HOSTS.map((host) => {
      const url = `http://${lab.host(host).addresses.service}:${METRICS_PORT}/metrics`;
      const program = 'console.log(await fetch(process.argv[1]).then((answer) => answer.text()))';
      const command = [process.execPath, '--input-type=module', '--eval', program, url];
      return execFileSync('nsenter', [`--net=${namespacePath(CLIENT)}`, ...command], { encoding: 'utf8' });
    }).join('');
  const declare = (options: PoolOptions): void => {
    const follow = { kind: 'Master' } as const;
    cluster.apply(
      'admin',
      poolManifest('admin', [MASTER_VIP], {
        placement: { follow },
        health: { checks: [GATEWAY], damping: { base: '0s' } },
        ...options,
      }),
    );
    cluster.apply('nas', poolManifest('nas', VIPS, { failbackDelay: '1s', ...options }));
  };
  const gatewayOf = (host: string): string | undefined => {
    const check = cluster.nodeStatus(host)?.checks?.find(({ name }) => name === GATEWAY.name);
    return check && `${check.state}: ${check.output}`;
  };
  const gatewayTold = (host: string, text: RegExp): Promise<unknown> =>
    waitFor(
      `the gateway as ${host} sees it to be ${text}`,
      () => text.test(gatewayOf(host) ?? ''),
      TOLD_WITHIN_MS,
      () => `${gatewayOf(host)}`,
    );
  /** Of the pool, or of the node of that name. */
  const conditionOf = (object: string, type: string): string | undefined => {
    const status = object === 'pool' ? cluster.poolStatus('nas') : cluster.nodeStatus(object);
    const found = status?.conditions?.find((item) => item.type === type);
    return found && `${found.status} ${found.reason}: ${found.message}`;
  };
  const told = (object: string, type: string, text: RegExp, withinMs = TOLD_WITHIN_MS): Promise<string> => {
    let seen: string | undefined;
    const look = (): string | undefined => ((seen = conditionOf(object, type)) && text.test(seen) ? seen : undefined);
    return waitFor(`${type} of ${object} to tell ${text}`, look, withinMs, () => `${seen}${cluster.logs()}`);
  };
  const holderOf = async (vip: string): Promise<string> => ((await observer.holders()).get(vip) ?? []).join();
  const healed = async (heal: Heal): Promise<void> => {
    heal();
    await told('pool', 'MembersUnreachable', /^False/);
    await told('pool', 'ServiceNetworkFaulty', /^False/);
    await observer.settledOn(VIPS, HOSTS);
    await sleep(5_000);
  };
  /** Who signs statuses, which is who was elected, whoever holds the lock. */
  const masterInForce = (): string => cluster.poolStatus('nas')?.master ?? '';
  const anotherMaster = (old: string): Promise<string> =>
    waitFor(
      'another master',
      () => (masterInForce() === old ? undefined : masterInForce()),
      10_000,
      () => cluster.logs(),
    );
  const vipsOn = (host: string): string[] =>
    cluster.poolStatus('nas')?.bindings?.flatMap(({ address, node }) => (node === host ? [address] : [])) ?? [];

  it('B1 both are measured on every node', async () => {
    for (const name of HOSTS) {
      const networks = await waitFor(`networks of ${name}`, () => cluster.nodeStatus(name)?.networks, TOLD_WITHIN_MS);
      expect(networks).toMatchObject({ management: { reachable: true }, service: { reachable: true } });
    }
    expect(conditionOf('pool', 'MembersUnreachable')).toMatch(/^False MembersAnswer/);
  });

  it('B1 hosts with and without the VIP ask its gateway on the service network', async () => {
    for (const name of HOSTS) await gatewayTold(name, new RegExp(`^Passing: ${CLIENT_ADDRESS} answered in `));
  }, 90_000);

  it('a host that the service switch cuts off loses its VIPs, and has them back', async () => {
    // The VIP of the master goes with it, and a master goes only to a node that has been well for ten seconds.
    const master = await holderOf(MASTER_VIP);
    const holder = HOSTS.find((host) => host !== master && vipsOn(host).length > 0) ?? '';
    const vip = vipsOn(holder)[0] ?? '';
    const mark = observer.mark();
    const heal = serviceBlackHole(lab.host(holder));
    await waitFor('another host to answer', async () => ![holder, ''].includes(await holderOf(vip)), 10_000);
    await told('pool', 'ServiceNetworkFaulty', new RegExp(`^True ServiceUnreachable: nobody answers ${holder}`));
    await told(holder, 'Ready', /^False ServiceUnreachable/);
    await gatewayTold(holder, new RegExp(`^Failing: ${CLIENT_ADDRESS} did not answer ARP on ${SERVICE_NIC} `));
    const { worstOutage, twoHoldersMs } = await observer.since(mark);
    expect(twoHoldersMs).toBe(0);
    expect(worstOutage).toBeLessThan(takeover('default') + LENIENT_MS);
    await healed(heal);
    await gatewayTold(holder, /^Passing/);
  }, 120_000);

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
    const alarm = /^vippool_alarm\{kind="pool",name="nas",condition="MembersUnreachable",reason="MembersSilent"\} 1$/m;
    expect(alarms()).toMatch(alarm);
    await told(victim, 'ManagementNetworkFaulty', /^True HolderAnswers: no heartbeat arrives, but 192\.0\.2\./);
    await healed(heal);
    await told(victim, 'ManagementNetworkFaulty', /^False/);
    expect(alarms()).not.toMatch(alarm);
  }, 90_000);

  it('B6 an agent that is killed is no fault of the management network', async () => {
    const master = await cluster.master();
    const victim = HOSTS.find((name) => name !== master) ?? '';
    await cluster.agent(victim).kill();
    await told(
      victim,
      'ManagementNetworkFaulty',
      /^Unknown AgentGone: .*answers node-\d on the service network, and the agent/,
    );
    await told('pool', 'MembersUnreachable', new RegExp(`${victim} \\(its agent ended the connection`));
    cluster.agent(victim).start();
    await told(victim, 'ManagementNetworkFaulty', /^False/);
    await told('pool', 'MembersUnreachable', /^False/);
    await observer.settledOn(VIPS, HOSTS);
    await sleep(5_000);
  }, 90_000);

  it('B2 B6 the host of an old master that misses nothing but multicast is told of, and keeps its VIPs', async () => {
    const old = (await cluster.master()) ?? '';
    const vips = cluster.poolStatus('nas')?.bindings?.filter(({ node }) => node === old).length;
    cluster.controller(old).signal('SIGUSR1');
    await waitFor('another master', async () => ![old, undefined].includes(await cluster.master()), 10_000);
    const heal = managementWithoutMulticast(lab.host(old));
    await told('pool', 'MembersUnreachable', new RegExp(`${old} \\(its heartbeats arrive: only multicast is lost\\)`));
    await told(old, 'ManagementNetworkFaulty', /^True MulticastUnanswered: its heartbeats arrive/, TOGETHER_MS);
    expect(cluster.poolStatus('nas')?.bindings?.filter(({ node }) => node === old)).toHaveLength(vips ?? -1);
    heal();
    await told(old, 'ManagementNetworkFaulty', /^False/);
  }, 90_000);

  it('B6 an old master that falls silent after it has handed over is told of, and what its host held goes elsewhere', async () => {
    const old = masterInForce();
    const mark = observer.mark();
    cluster.controller(old).signal('SIGUSR1');
    await anotherMaster(old);
    const heal = managementBlackHole(lab.host(old));
    await told(old, 'ManagementNetworkFaulty', /^True HolderAnswers: no heartbeat arrives, but 192\.0\.2\./);
    await waitFor('every VIP to be elsewhere', () => vipsOn(old).length === 0, 10_000);
    expect((await observer.since(mark)).twoHoldersMs).toBe(0);
    await healed(heal);
    await told(old, 'ManagementNetworkFaulty', /^False/);
  }, 90_000);

  it('B1 neither network carries what belongs on the other one', async () => {
    const [{ ours, confirming, arp }, metrics] = await Promise.all([
      trafficWithin(lab.host('node-2'), 3_000),
      sleep(500).then(() =>
        fetch(`http://${lab.host('node-2').addresses.management}:${METRICS_PORT}/metrics`, {
          signal: AbortSignal.timeout(2_000),
        }),
      ),
    ]);
    expect(metrics.ok).toBe(true);
    expect(ours.management).toBeGreaterThan(10);
    expect(ours.service).toBe(0);
    // The one thing that uses both, for pools with Hold.
    expect(confirming.management).toBeGreaterThan(0);
    expect(confirming.service).toBeGreaterThan(0);
    expect(arp.service).toBeGreaterThan(0);
    expect(arp.management).toBe(0);
  }, 30_000);

  it('B7 a VIP of the management follows the master, at once and alone', async () => {
    const old = masterInForce();
    await observer.waitForHolder(MASTER_VIP, old);
    const mark = observer.mark();
    cluster.controller(old).signal('SIGUSR1');
    const next = await anotherMaster(old);
    await observer.waitForHolder(MASTER_VIP, next);
    const seen = await observer.since(mark);
    expect(seen.movesOf(MASTER_VIP)).toBe(1);
    expect(seen.twoHoldersMs).toBe(0);
    expect(VIPS.map((vip) => seen.movesOf(vip))).toEqual([0, 0, 0]);
    expect(seen.worstOutageOfOthers(MASTER_VIP)).toBeLessThanOrEqual(lenient(MOVE_MS));
  }, 30_000);

  it('B8 of those that are left the controller of the highest priority is the next master', async () => {
    for (let round = 0; round < 3; round++) {
      const old = masterInForce();
      const [expected = ''] = HOSTS.filter((name) => name !== old);
      await cluster.controller(old).kill();
      expect(await anotherMaster(old)).toBe(expected);
      cluster.controller(old).start();
      await sleep(3_000);
    }
    await observer.settledOn(VIPS, HOSTS);
  }, 60_000);

  it('B3 B6 a master that nobody hears on the management network steps down: the next one says so', async () => {
    const old = masterInForce();
    const own = vipsOn(old);
    expect(own).toHaveLength(1);
    const reignsEnded = (): number => cluster.controller(old).log().split('no longer master').length - 1;
    const before = reignsEnded();
    const mark = observer.mark();
    const heal = managementBlackHole(lab.host(old));
    await anotherMaster(old);
    await waitFor('the old master to step down', () => reignsEnded() === before + 1, 5_000);
    await waitFor('its VIP to be elsewhere', async () => ![old, ''].includes(await holderOf(own.join())), 10_000);
    await told(old, 'ManagementNetworkFaulty', /^True HolderAnswers: no heartbeat arrives, but 192\.0\.2\./);
    await told('pool', 'MembersUnreachable', new RegExp(`${old} \\(alive: answers node-\\d on the service network\\)`));
    const seen = await observer.since(mark);
    expect(seen.twoHoldersMs).toBe(0);
    expect(seen.worstOutageOfOthers(MASTER_VIP)).toBeLessThanOrEqual(lenient(TAKEOVER_MS));
    expect(VIPS.filter((vip) => !own.includes(vip)).map((vip) => seen.movesOf(vip))).toEqual([0, 0]);
    await healed(heal);
    await told(old, 'ManagementNetworkFaulty', /^False/);
  }, 90_000);

  it('B1 with Release agents say nothing to one another, on either network', async () => {
    declare({ onQuorumLoss: 'Release' });
    const counted = async (): Promise<string> => {
      const { ours, confirming } = await trafficWithin(lab.host('node-2'), 3_000);
      return `${ours.management > 10} ${ours.service} ${confirming.management} ${confirming.service}`;
    };
    let seen = '';
    await waitFor(
      'silence between agents',
      async () => (seen = await counted()) === 'true 0 0 0',
      45_000,
      () => seen,
    );
  }, 90_000);
});
