import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NodeHealthSpec } from '../../src/core/api/types.gen.ts';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { lenient, MOVE_MS } from '../lib/bounds.ts';
import { AGENT_PORT, Cluster } from '../lib/cluster.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { type HealthSpec, nodeManifest, poolManifest } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { now, sleep, waitFor } from '../lib/wait.ts';

const HOSTS = ['node-1', 'node-2', 'node-3'];
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12'];
const [FIRST = '', ...REST] = VIPS;
/** What is set is in force on every host by then. */
const LIVE_MS = 1_000;
/** Of a check that runs seldom unless a node says otherwise. */
const SELDOM = '1h';

describeWith(missingForLab(), 'three hosts whose settings change', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;
  let started: readonly number[];
  let idling: NodeJS.Timeout | undefined;
  let seconds = 0;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    for (const host of lab.hosts.values()) writeMemory(host.directory, 40);
    idle();
    idling = setInterval(idle, 1_000);
    cluster = await Cluster.start(lab, {
      etcd: toolPath('etcd'),
      agentFiles: (host) => ({
        '/proc/meminfo': memoryFile(lab.host(host).directory),
        '/proc/stat': join(lab.directory, 'stat'),
      }),
    });
    observer = await Observer.start(lab, VIPS);
    declare();
    await cluster.ready('nas');
    await observer.settled(HOSTS);
    started = HOSTS.map((host) => workerOf(host));
  }, 60_000);

  afterAll(async () => {
    clearInterval(idling);
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  /** Whatever the machine does, the processors of the hosts have a tenth to do. */
  const idle = (): void => {
    seconds += 1;
    writeFileSync(join(lab.directory, 'stat'), `cpu  ${10 * seconds} 0 0 ${90 * seconds} 0 0 0 0 0 0\n`);
  };
  const declare = (health?: HealthSpec, capacity = false): void =>
    cluster.apply(
      'nas',
      poolManifest('nas', VIPS, {
        homes: { [FIRST]: 'node-1' },
        failbackDelay: '0s',
        ...(health && { health }),
        ...(capacity && { placement: { capacity: { highPercent: 90, lowPercent: 75 } } }),
      }),
    );
  const set = (spec: NodeHealthSpec, ...hosts: readonly string[]): number => {
    const at = now();
    for (const host of hosts) cluster.apply(`nodehealth-${host}`, nodeManifest(host, spec));
    return at;
  };
  /** Of the agent itself, not of its supervisor. */
  const workerOf = (host: string): number => {
    const { pid } = cluster.agent(host);
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0]);
  };
  const inForce = async (what: string, since: number, probe: () => boolean | Promise<boolean>): Promise<void> => {
    await waitFor(what, probe, 10_000, () => cluster.logs());
    expect(now() - since).toBeLessThan(LIVE_MS);
  };
  const holds = async (host: string, vips: readonly string[] = VIPS): Promise<boolean> =>
    [...(await observer.holders())].some(([vip, hosts]) => vips.includes(vip) && hosts.includes(host));
  const lines = (host: string, text: string): number => cluster.agent(host).log().split(text).length - 1;

  describe('C3 in force within a second, without a restart:', () => {
    it('maintenance, set and ended', async () => {
      const mark = observer.mark();
      const drained = set({ maintenance: true }, 'node-1');
      await inForce('node-1 to hold nothing', drained, async () => !(await holds('node-1')));
      const undrained = set({}, 'node-1');
      await inForce('node-1 to hold its own', undrained, async () => holds('node-1', [FIRST]));
      expect((await observer.since(mark)).worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
    }, 30_000);

    it('weight, on two hosts at once', async () => {
      const taken = set({ weight: 0 }, 'node-1', 'node-2');
      await inForce('node-3 to hold all', taken, async () => !(await holds('node-1')) && !(await holds('node-2')));
      const given = set({}, 'node-1', 'node-2');
      await inForce('node-1 to hold its own', given, async () => holds('node-1', [FIRST]));
      await observer.settled(HOSTS);
    }, 30_000);

    it('logLevel, on every host, and back', async () => {
      const { management: host } = lab.host('node-1').addresses;
      declare({ checks: [{ name: 'port', type: 'tcp', host, port: AGENT_PORT, interval: SELDOM, timeout: '200ms' }] });
      await sleep(LIVE_MS);
      // Agents say each change of their checks, at level info.
      const said = (): number[] => HOSTS.map((name) => lines(name, '"message":"configuration taken"'));
      set({ logLevel: 'warn' }, ...HOSTS);
      await sleep(LIVE_MS);
      const quiet = said();
      set({ logLevel: 'warn', checks: [{ name: 'port', fall: 5 }] }, ...HOSTS);
      await sleep(LIVE_MS);
      expect(said()).toEqual(quiet);
      const loud = set({ checks: [{ name: 'port', fall: 5 }] }, ...HOSTS);
      await sleep(LIVE_MS / 2);
      set({ checks: [{ name: 'port', fall: 6 }] }, ...HOSTS);
      await inForce('every agent to say more', loud, () => said().every((count, index) => count > (quiet[index] ?? 0)));
      set({}, ...HOSTS);
    }, 30_000);

    it('checks of a pool, and what nodes change of them', async () => {
      const { management: host } = lab.host('node-1').addresses;
      const states = (): (string | undefined)[] =>
        HOSTS.map((name) => cluster.nodeStatus(name)?.checks?.find((check) => check.name === 'port')?.state);
      const declared = now();
      declare({ checks: [{ name: 'port', type: 'tcp', host, port: AGENT_PORT, interval: SELDOM, timeout: '200ms' }] });
      await inForce('every agent to check', declared, () => states().every((state) => state === 'Passing'));
      // Nothing listens there: with one failure it fails, and that is seen as soon as it runs again.
      declare({
        checks: [
          {
            name: 'port',
            type: 'tcp',
            host,
            port: 9,
            interval: SELDOM,
            timeout: '200ms',
            fall: 2,
            severity: 'Degrade',
          },
        ],
      });
      await sleep(2_000);
      expect(states()).not.toContain('Failing');
      const overridden = set({ checks: [{ name: 'port', interval: '200ms', fall: 1 }] }, ...HOSTS);
      await inForce('every agent to check at once', overridden, () => states().every((state) => state === 'Failing'));
      const disabled = set({ checks: [{ name: 'port', disabled: true }] }, ...HOSTS);
      await inForce('every agent to stop', disabled, () => states().every((state) => state === undefined));
      set({}, ...HOSTS);
      declare();
    }, 30_000);

    it('all of it by the processes that ran before', () => {
      expect(HOSTS.map((host) => workerOf(host))).toEqual(started);
    });
  });

  it('C1 a host that is full is given nothing more until it has room again', async () => {
    declare(undefined, true);
    await cluster.ready('nas');
    await observer.settled(HOSTS);
    const { directory } = lab.host('node-1');
    const shown = (percent: number): Promise<boolean> =>
      waitFor(
        `node-1 to tell ${percent} %`,
        () => cluster.nodeStatus('node-1')?.load?.memoryPercent === percent,
        40_000,
        () => JSON.stringify(cluster.nodeStatus('node-1')),
      );
    const mark = observer.mark();
    writeMemory(directory, 95);
    await shown(95);
    // What it has stays.
    expect((await observer.since(mark)).moves).toBe(0);
    set({ maintenance: true }, 'node-1');
    await observer.heldBy(['node-2', 'node-3']);
    set({}, 'node-1');
    await sleep(2_000);
    expect(await holds('node-1')).toBe(false);
    // Between the marks it is still full.
    writeMemory(directory, 80);
    await shown(80);
    await sleep(2_000);
    expect(await holds('node-1')).toBe(false);
    writeMemory(directory, 60);
    await observer.waitForHolder(FIRST, 'node-1', 40_000);
    expect((await observer.since(mark)).twoHoldersMs).toBe(0);
  }, 180_000);

  it('D3 pools with nodes in common go their own ways', async () => {
    const others = ['192.0.2.30', '192.0.2.31'];
    await observer.add(others);
    cluster.apply(
      'second',
      poolManifest('second', others, { homes: { '192.0.2.30': 'node-1', '192.0.2.31': 'node-1' } }),
    );
    await cluster.ready('second');
    await observer.waitForHolder('192.0.2.30', 'node-1');
    await observer.waitForHolder('192.0.2.31', 'node-1');
    // Of the host that serves both, a check of one pool takes what is of that pool.
    const mark = observer.mark();
    const health: HealthSpec = {
      checks: [{ name: 'port', type: 'tcp', host: '127.0.0.1', port: 9, interval: '200ms', timeout: '100ms', fall: 1 }],
    };
    set({ checks: [{ pool: 'nas', name: 'port', disabled: true }] }, 'node-2', 'node-3');
    await sleep(LIVE_MS);
    declare(health);
    await waitFor(
      'the pool to leave node-1',
      async () => !(await holds('node-1', VIPS)),
      10_000,
      () => cluster.logs(),
    );
    expect(await holds('node-1', others)).toBe(true);
    const seen = await observer.since(mark);
    expect(others.map((vip) => seen.movesOf(vip))).toEqual([0, 0]);
    expect(REST.filter((vip) => seen.movesOf(vip) > 1)).toEqual([]);
    expect(cluster.nodeStatus('node-1')?.conditions?.find(({ type }) => type === 'ChecksPass')?.message).toContain(
      'nas',
    );
  }, 60_000);
});

const memoryFile = (directory: string): string => join(directory, 'meminfo');

/** As the kernel tells it, in place: the file is mounted where the agent looks. */
function writeMemory(directory: string, usedPercent: number): void {
  const text = `MemTotal:       1000000 kB\nMemFree:          10000 kB\nMemAvailable:   ${(100 - usedPercent) * 10_000} kB\n`;
  writeFileSync(memoryFile(directory), text);
}
