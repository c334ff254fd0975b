import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TIMING_PROFILES, unfencedLifetimeMs } from '../../src/core/timing.ts';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { Cluster } from '../lib/cluster.ts';
import { freeze } from '../lib/faults.ts';
import { SERVICE_NIC } from '../lib/host.ts';
import { ip, ipJson } from '../lib/ip.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { now, waitFor } from '../lib/wait.ts';

const HOSTS = ['node-1', 'node-2', 'node-3'];
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '2001:db8::10', '2001:db8::11', '2001:db8::12'];
/** Its loopback is down, so its kernel cannot be given a fence. */
const UNFENCED = 'node-3';
const LIFETIME_MS = unfencedLifetimeMs(30_000, TIMING_PROFILES.Default);
/** The kernel looks for addresses that are over once a second at worst. */
const KERNEL_MS = 1_000;

interface Address {
  readonly local: string;
  readonly valid_life_time: number;
}

describeWith(missingForLab(), 'a host without a fence', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    ip(`-n ${UNFENCED} link set lo down`);
    cluster = await Cluster.start(lab, { etcd: toolPath('etcd') });
    observer = await Observer.start(lab, VIPS);
    cluster.apply('nas', poolManifest('nas', VIPS));
    await cluster.ready('nas');
    await observer.settled(HOSTS);
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  const bound = (): readonly Address[] => {
    const links = ipJson(`-n ${UNFENCED} addr show dev ${SERVICE_NIC}`) as readonly { addr_info: readonly Address[] }[];
    return links.flatMap(({ addr_info: all }) => all).filter(({ local }) => VIPS.includes(local));
  };

  it('says so, and gives its VIPs short lives', async () => {
    const fenced = (): string | undefined =>
      cluster.nodeStatus(UNFENCED)?.conditions?.find(({ type, status }) => type === 'Fenced' && status === 'False')
        ?.reason;
    expect(await waitFor('the condition', fenced, 15_000)).toBe('LifetimesOnly');
    const lives = bound().map(({ valid_life_time: seconds }) => seconds * 1_000);
    expect(lives).toHaveLength(VIPS.length / HOSTS.length);
    expect(Math.max(...lives)).toBeLessThanOrEqual(LIFETIME_MS);
  }, 30_000);

  it('S4 is no host for a master, which does not hear the agent beside it over that loopback', async () => {
    const elsewhere = async (): Promise<string | false | undefined> => {
      const id = await cluster.master();
      return id !== UNFENCED && id;
    };
    const master = await waitFor('a master elsewhere', elsewhere, 10_000);
    // With the largest address it is the first of the two others to stand.
    const thaw = freeze(cluster.controller(master));
    await waitFor('mastership to come there', async () => (await cluster.master()) === UNFENCED, 5_000);
    thaw();
    const controller = cluster.controller(UNFENCED);
    await waitFor('it to go', () => controller.log().includes(`it does not hear ${UNFENCED}`), 10_000);
    await observer.settled(HOSTS);
  }, 45_000);

  it('D1 has no VIP any more when these are over, although its agent stands still; then others have them', async () => {
    const vips = bound().map(({ local }) => local);
    const frozenAt = now();
    const thaw = freeze(cluster.agent(UNFENCED));
    await waitFor('its VIPs to be gone', () => bound().length === 0, 10_000);
    expect(now() - frozenAt).toBeLessThan(LIFETIME_MS + 2 * KERNEL_MS);
    await observer.heldBy(
      HOSTS.filter((host) => host !== UNFENCED),
      15_000,
    );
    expect(vips.length).toBeGreaterThan(0);
    thaw();
  }, 30_000);
});
