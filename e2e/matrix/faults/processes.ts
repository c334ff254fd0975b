/** What happens to the process that binds VIPs. */
import { freeze } from '../../lib/faults.ts';
import { sleep } from '../../lib/wait.ts';
import { ALL, BOTH, type Fault } from '../fault.ts';
import { handover, nothing, succeeded, succeededBack, takeover } from '../promises.ts';

const IDLE_MS = 2_000;

export const processFaults: readonly Fault[] = [
  {
    name: 'none',
    does: 'nothing',
    heals: '-',
    promised: nothing,
    promisedBack: nothing,
    systems: BOTH,
    async inflict() {
      await sleep(IDLE_MS);
      return () => undefined;
    },
  },
  {
    name: 'kill',
    does: 'SIGKILL for the agent of a holder; its supervisor lives',
    heals: 'the supervisor starts it again at once',
    promised: takeover,
    promisedBack: handover,
    systems: BOTH,
    async inflict(scene, { holder }) {
      await scene.crash(holder);
      return () => scene.daemon(holder).start();
    },
  },
  {
    name: 'kill-all',
    does: 'SIGKILL for the agent of a holder and its supervisor',
    heals: 'both are started again',
    promised: takeover,
    promisedBack: handover,
    async inflict(scene, { holder }) {
      await scene.daemon(holder).kill();
      return () => scene.daemon(holder).start();
    },
  },
  {
    name: 'freeze',
    does: 'SIGSTOP for the agent of a holder, past its lease',
    heals: 'SIGCONT while its VIPs live elsewhere',
    promised: takeover,
    promisedBack: handover,
    systems: ALL,
    inflict: (scene, { holder }) => freeze(scene.daemon(holder)),
  },
  {
    name: 'freeze-short',
    does: 'SIGSTOP for the agent of a holder, for half of its lease',
    heals: 'SIGCONT',
    promised: nothing,
    promisedBack: nothing,
    async inflict(scene, { holder }) {
      const thaw = freeze(scene.daemon(holder));
      await sleep(scene.timing.leaseMs / 2);
      thaw();
      return () => undefined;
    },
  },
  {
    name: 'stop',
    does: 'SIGTERM for the agent of a holder',
    heals: 'it is started again',
    promised: handover,
    promisedBack: handover,
    systems: BOTH,
    async inflict(scene, { holder }) {
      const daemon = scene.daemon(holder);
      await daemon.stop();
      return () => daemon.start();
    },
  },
  {
    name: 'replace',
    does: 'an agent that waits beside that of a holder follows it',
    heals: 'another one follows that one',
    promised: succeeded,
    promisedBack: succeededBack,
    async inflict(scene, { holder }) {
      await scene.cluster.replaceAgent(holder);
      return () => scene.cluster.replaceAgent(holder);
    },
  },
  {
    name: 'move',
    does: 'a VIP is given another home',
    heals: 'and the first one again',
    promised: handover,
    promisedBack: handover,
    systems: BOTH,
    async inflict(scene, { vip, holder, third }) {
      await scene.move(vip, third);
      return () => scene.move(vip, holder);
    },
  },
  {
    name: 'move-ipv6',
    does: 'an IPv6 VIP is given another home',
    heals: 'and the first one again',
    promised: handover,
    promisedBack: handover,
    systems: ['vippool'],
    async inflict(scene) {
      const homes = await scene.observer.holders();
      const [vip = '', [home = ''] = []] = [...homes].find(([address]) => address.includes(':')) ?? [];
      const elsewhere = [...homes.values()].flat().find((host) => host !== home) ?? '';
      await scene.move(vip, elsewhere);
      return () => scene.move(vip, home);
    },
  },
];
