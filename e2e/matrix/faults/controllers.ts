/** What happens to the master. */
import { freeze } from '../../lib/faults.ts';
import { sleep } from '../../lib/wait.ts';
import type { Fault } from '../fault.ts';
import { handover, later, nothing, takeover } from '../promises.ts';

/** Of the lease: shortly before it can be revoked. */
const DURING_TAKEOVER = 0.9;

export const controllerFaults: readonly Fault[] = [
  {
    name: 'master-kill',
    does: 'SIGKILL for the master',
    heals: 'it is started again',
    promised: nothing,
    promisedBack: nothing,
    async inflict({ cluster }, { master }) {
      const controller = cluster.controller(master);
      await controller.kill();
      return () => controller.start();
    },
  },
  {
    name: 'master-freeze',
    does: 'SIGSTOP for the master, until there is another one',
    heals: 'SIGCONT',
    promised: nothing,
    promisedBack: nothing,
    inflict: ({ cluster }, { master }) => freeze(cluster.controller(master)),
  },
  {
    name: 'master-stop',
    does: 'SIGTERM for the master',
    heals: 'it is started again',
    promised: nothing,
    promisedBack: nothing,
    async inflict({ cluster }, { master }) {
      const controller = cluster.controller(master);
      await controller.stop();
      return () => controller.start();
    },
  },
  {
    name: 'takeover-master-kill',
    does: 'the agent of a holder freezes; the master dies just before it can take its VIPs over',
    heals: 'SIGCONT; the controller is started again',
    promised: later(takeover, ({ leaseMs }) => leaseMs * DURING_TAKEOVER),
    promisedBack: handover,
    async inflict(scene, { holder, master }) {
      const thaw = freeze(scene.daemon(holder));
      await sleep(scene.timing.leaseMs * DURING_TAKEOVER);
      const controller = scene.cluster.controller(master);
      await controller.kill();
      return () => {
        thaw();
        controller.start();
      };
    },
  },
];
