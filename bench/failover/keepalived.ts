import { KeepalivedCluster, type KeepalivedProfile } from '../../e2e/lib/peers/keepalived.ts';
import type { Observer } from '../../e2e/lib/observer.ts';
import { type Candidate, HOSTS, type Inflicted, others, VIPS } from './candidate.ts';

const VICTIM = 'node-1';
const SETTLE_MS = 30_000;
/** It waits a second for its own good-bye messages, and more where it has much to undo. */
const STOP_MS = 10_000;

/** Its planned move is another priority and a reload. */
export const keepalived = (profile: KeepalivedProfile): Candidate => ({
  system: 'keepalived',
  profile,
  faults: ['poweroff', 'move', 'stop'],
  async start(lab, observer) {
    const cluster = KeepalivedCluster.start(lab, VIPS, profile);
    await observer.settled(HOSTS, SETTLE_MS);
    const daemon = cluster.daemon(VICTIM);
    const host = lab.host(VICTIM);
    return {
      async inflict(fault) {
        if (fault === 'move') return await move(cluster, observer);
        await (fault === 'stop' ? daemon.stop(STOP_MS) : host.powerOff());
        await observer.heldBy(others(VICTIM), SETTLE_MS);
        return {
          async heal() {
            if (fault === 'stop') daemon.start();
            else host.powerOn();
            await observer.settled(HOSTS, SETTLE_MS);
          },
        };
      },
    };
  },
});

async function move(cluster: KeepalivedCluster, observer: Observer): Promise<Inflicted> {
  const [vip = ''] = VIPS;
  const from = cluster.home(vip);
  const moveTo = async (host: string): Promise<void> => {
    cluster.move(vip, host);
    await observer.waitForHolder(vip, host, SETTLE_MS);
  };
  await moveTo(others(from)[0] ?? '');
  return { heal: () => moveTo(from) };
}
