/** NICs, cables and switches. */
import {
  type Heal,
  managementBlackHole,
  managementNicDown,
  managementOneWay,
  partition,
  serviceBlackHole,
  serviceNicDown,
  serviceOneWay,
} from '../../lib/faults.ts';
import type { Host } from '../../lib/host.ts';
import { sleep } from '../../lib/wait.ts';
import { BOTH, type Fault, type Roles, type SystemName } from '../fault.ts';
import { cutOff, linkLoss, type Promised, redirected, takeover } from '../promises.ts';

const FLAPS = 6;
const FLAP_MS = 150;

interface Cut {
  readonly name: string;
  readonly does: string;
  readonly cut: (host: Host) => Heal;
  readonly promised: Promised;
  readonly systems?: readonly SystemName[];
  /** Default the holder. */
  readonly who?: keyof Pick<Roles, 'holder' | 'master'>;
}

const networkFault = ({ name, does, cut, promised, systems, who = 'holder' }: Cut): Fault => ({
  name,
  does,
  heals: 'the network is whole again',
  promised,
  promisedBack: redirected,
  ...(systems ? { systems } : {}),
  inflict: ({ lab }, roles) => cut(lab.host(roles[who])),
});

export const networkFaults: readonly Fault[] = [
  networkFault({
    name: 'svc-down',
    does: 'the service NIC of a holder loses its carrier',
    cut: serviceNicDown,
    promised: linkLoss,
    systems: BOTH,
  }),
  {
    name: 'svc-flap',
    does: `the service NIC of a holder loses its carrier ${FLAPS} times, for ${FLAP_MS} ms each`,
    heals: 'it stays up',
    promised: linkLoss,
    promisedBack: redirected,
    systems: BOTH,
    async inflict({ lab }, { holder }) {
      for (let flap = 0; flap < FLAPS; flap++) {
        const plug = serviceNicDown(lab.host(holder));
        await sleep(FLAP_MS);
        plug();
        await sleep(FLAP_MS);
      }
      return () => undefined;
    },
  },
  networkFault({
    name: 'svc-blackhole',
    does: 'the service switch forwards nothing of a holder; its carrier stays',
    cut: serviceBlackHole,
    promised: cutOff,
    systems: BOTH,
  }),
  networkFault({
    name: 'svc-mute',
    does: 'the service switch drops what a holder sends',
    cut: (host) => serviceOneWay(host, 'mute'),
    promised: cutOff,
  }),
  networkFault({
    name: 'svc-deaf',
    does: 'the service switch drops what is sent to a holder',
    cut: (host) => serviceOneWay(host, 'deaf'),
    promised: cutOff,
  }),
  networkFault({
    name: 'mgmt-down',
    does: 'the management NIC of a holder loses its carrier',
    cut: managementNicDown,
    promised: takeover,
    systems: BOTH,
  }),
  networkFault({
    name: 'mgmt-blackhole',
    does: 'the management switch forwards nothing of a holder; its carrier stays',
    cut: managementBlackHole,
    promised: takeover,
  }),
  networkFault({
    name: 'mgmt-mute',
    does: 'the management switch drops what a holder sends',
    cut: (host) => managementOneWay(host, 'mute'),
    promised: takeover,
  }),
  networkFault({
    name: 'mgmt-deaf',
    does: 'the management switch drops what is sent to a holder',
    cut: (host) => managementOneWay(host, 'deaf'),
    promised: takeover,
  }),
  networkFault({
    name: 'mgmt-master-mute',
    does: "the management switch drops what the master's host sends",
    cut: (host) => managementOneWay(host, 'mute'),
    promised: takeover,
    who: 'master',
  }),
  networkFault({
    name: 'partition',
    does: 'both switches forward nothing of a holder',
    cut: partition,
    promised: takeover,
    systems: BOTH,
  }),
  networkFault({
    name: 'master-partition',
    does: "both switches forward nothing of the master's host, which holds VIPs as well",
    cut: partition,
    promised: takeover,
    who: 'master',
  }),
];
