import { KeepalivedCluster, type KeepalivedProfile } from '../../e2e/lib/peers/keepalived.ts';
import { type Candidate, HOSTS, others, VIPS } from './candidate.ts';

const VICTIM = 'node-1';
const SETTLE_MS = 30_000;
/** It waits a second for its own good-bye messages, and more where it has much to undo. */
const STOP_MS = 10_000;

/** It has no planned move: its nearest equivalent is to stop it where the address shall not be. */
export const keepalived = (profile: KeepalivedProfile): Candidate => ({
  system: 'keepalived',
  profile,
  faults: ['poweroff', 'stop'],
  async start(lab, observer) {
    const cluster = KeepalivedCluster.start(lab, VIPS, profile);
    await observer.settled(HOSTS, SETTLE_MS);
    const daemon = cluster.daemon(VICTIM);
    const host = lab.host(VICTIM);
    return {
      async inflict(fault) {
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
