import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { lenient, MOVE_MS, TAKEOVER_MS } from '../lib/bounds.ts';
import { Cluster } from '../lib/cluster.ts';
import { MANAGEMENT_NIC, SERVICE_NIC } from '../lib/host.ts';
import { ip, ipJson } from '../lib/ip.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { trafficWithin } from '../lib/traffic.ts';
import { waitFor } from '../lib/wait.ts';

const HOSTS = ['node-1', 'node-2', 'node-3'];
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12'];
/** On the management network, in the pool that follows the master. */
const ADMIN_VIP = '10.77.0.100';

interface Link {
  readonly addr_info: readonly { readonly local: string }[];
}

describeWith(missingForLab(), 'a VIP on the management network', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    cluster = await Cluster.start(lab, {
      etcd: toolPath('etcd'),
      moreAllowed: ['10.77.0.0/24'],
      moreArguments: (kind) => (kind === 'agent' ? [`--interfaces=${MANAGEMENT_NIC}`] : []),
    });
    observer = await Observer.start(lab, VIPS);
    const admin = poolManifest('admin', [ADMIN_VIP], { placement: { follow: { kind: 'Master' } } });
    cluster.apply('admin', admin.replace(SERVICE_NIC, MANAGEMENT_NIC));
    cluster.apply('nas', poolManifest('nas', VIPS));
    await cluster.ready('nas');
    await cluster.ready('admin');
    await observer.settled(HOSTS);
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  /** Hosts that have it on the management NIC, and on the other one. */
  const holders = (nic = MANAGEMENT_NIC): string[] =>
    HOSTS.filter((host) => {
      const links = ipJson(`-n ${host} addr show dev ${nic}`) as readonly Link[];
      return links.some(({ addr_info: all }) => all.some(({ local }) => local === ADMIN_VIP));
    });
  const master = (): string => cluster.poolStatus('admin')?.master ?? '';
  /** Whoever asks this address from the management network reaches the master. */
  const isWithMaster = (old = ''): boolean => master() !== old && holders().join() === master();

  it('B7 is on the management NIC of the master, and nowhere else', async () => {
    await waitFor(
      'the VIP to be with the master',
      () => isWithMaster(),
      10_000,
      () => cluster.logs(),
    );
    expect(holders(SERVICE_NIC)).toEqual([]);
  });

  it('B7 goes with a hand-over, and no other VIP does', async () => {
    const old = master();
    const mark = observer.mark();
    cluster.controller(old).signal('SIGUSR1');
    await waitFor(
      'the VIP to be with the next master',
      () => isWithMaster(old),
      10_000,
      () => cluster.logs(),
    );
    const seen = await observer.since(mark);
    expect(seen.moves).toBe(0);
    expect(seen.worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
  }, 30_000);

  it('B1 of ours the service network carries no more than before, and the management network no ARP of service addresses', async () => {
    const { ours, arp } = await trafficWithin(lab.host('node-2'), 3_000);
    expect(ours.management).toBeGreaterThan(10);
    expect(ours.service).toBe(0);
    expect(arp.management).toBe(0);
  }, 30_000);

  it('A2 B7 is with the next master when the host of the old one has lost its power', async () => {
    const old = master();
    await lab.host(old).powerOff();
    // The lab clears the service NIC alone.
    ip(`-n ${old} addr del ${ADMIN_VIP}/32 dev ${MANAGEMENT_NIC}`);
    const rest = HOSTS.filter((host) => host !== old);
    await observer.heldBy(rest, lenient(TAKEOVER_MS));
    await waitFor(
      'the VIP to be with the next master',
      () => isWithMaster(old),
      10_000,
      () => cluster.logs(),
    );
    lab.host(old).powerOn();
    await observer.settled(HOSTS, 30_000);
    expect(holders()).toEqual([master()]);
  }, 60_000);
});
