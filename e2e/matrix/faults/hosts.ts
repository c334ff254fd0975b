/** Hosts without power. */
import { revokeAfterMs } from '../../../src/core/timing.ts';
import { freeze } from '../../lib/faults.ts';
import { sleep } from '../../lib/wait.ts';
import { ALL, type Fault, HOSTS, type Stage } from '../fault.ts';
import { later, nothing, plus, rejoined, takeover } from '../promises.ts';

const SECOND_FAULT = 0.5;
/** On top of the usual bound: a thousand addresses bound, announced, and learnt by their client. */
const THOUSAND_MS = 150;

/** The kernel takes milliseconds for each IPv6 address, the more of them the longer. */
const THOUSAND_MIXED_MS = 500;

const thousand = (name: string, stage: Stage, what: string, moreMs: number): Fault => ({
  name,
  does: `power off for a host that holds ${what}`,
  heals: 'power on; all of them return',
  promised: plus(takeover, moreMs),
  promisedBack: plus(rejoined, moreMs),
  stage,
  async inflict({ lab }, { holder }) {
    const host = lab.host(holder);
    await host.powerOff();
    return () => host.powerOn();
  },
});

export const hostFaults: readonly Fault[] = [
  {
    name: 'poweroff',
    does: 'power off for a host that holds VIPs and is not the master',
    heals: 'power on',
    promised: takeover,
    promisedBack: rejoined,
    systems: ALL,
    async inflict({ lab }, { holder }) {
      const host = lab.host(holder);
      await host.powerOff();
      return () => host.powerOn();
    },
  },
  {
    name: 'master-poweroff',
    does: 'power off for the host of the master, which holds no VIP',
    heals: 'power on',
    promised: nothing,
    promisedBack: rejoined,
    async prepare({ cluster, observer }, { master }) {
      await cluster.agent(master).stop();
      await observer.settled(HOSTS.filter((host) => host !== master));
    },
    async inflict({ lab, cluster }, { master }) {
      const host = lab.host(master);
      await host.powerOff();
      return () => {
        host.powerOn();
        cluster.agent(master).start();
      };
    },
  },
  {
    name: 'master-holder-poweroff',
    does: 'power off for the host of the master, which holds VIPs as well',
    heals: 'power on',
    promised: takeover,
    promisedBack: rejoined,
    async inflict({ lab }, { master }) {
      const host = lab.host(master);
      await host.powerOff();
      return () => host.powerOn();
    },
  },
  {
    name: 'master-holder-freeze',
    does: 'SIGSTOP for the master and for the agent on its host, which holds VIPs, past its lease',
    heals: 'SIGCONT while its VIPs live elsewhere',
    promised: takeover,
    promisedBack: rejoined,
    async inflict(scene, { master }) {
      const thaws = [scene.cluster.controller(master), scene.daemon(master)].map(freeze);
      return () => thaws.forEach((thaw) => thaw());
    },
  },
  {
    name: 'two-faults',
    does: 'power off for a holder; half a lease later the agent of another holder freezes',
    heals: 'power on, SIGCONT',
    // With two of three hosts most of the pool is lost: pools that hold wait for every confirmation to run out.
    promised: later(takeover, (timing) => timing.leaseMs * SECOND_FAULT + revokeAfterMs(timing)),
    promisedBack: rejoined,
    async inflict(scene, { holder, third }) {
      const host = scene.lab.host(holder);
      await Promise.all([host.powerOff(), sleep(scene.timing.leaseMs * SECOND_FAULT)]);
      const thaw = freeze(scene.daemon(third));
      return () => {
        thaw();
        host.powerOn();
      };
    },
  },
  thousand('thousand-poweroff', 'thousand', '1000 VIPs', THOUSAND_MS),
  thousand('thousand-mixed-poweroff', 'thousand-mixed', '1000 VIPs, of which 200 are IPv6', THOUSAND_MIXED_MS),
];
