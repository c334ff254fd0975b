/** Another switch of the service network, with a client behind it: what is between the two can be cut. */
import type { Heal } from './faults.ts';
import { type Host, SERVICE_NIC, servicePort } from './host.ts';
import { ip, ipBatch } from './ip.ts';
import { configure, plug, switchLine } from './nic.ts';

/** Namespace of the client behind it. */
export const FAR_CLIENT = 'client-2';
const SWITCH = 'brs2';
const [NEAR_END, FAR_END] = ['trunk-1', 'trunk-2'];
const CLIENT_NIC = {
  port: servicePort(FAR_CLIENT),
  name: SERVICE_NIC,
  bridge: SWITCH,
  addresses: ['192.0.2.241/24', '2001:db8::241/64'],
};

export class SecondSwitch {
  /** Beside the switch of a lab, which has to be there. */
  static install(): SecondSwitch {
    ipBatch([
      switchLine(SWITCH),
      `link set ${SWITCH} up`,
      `link add ${NEAR_END} type veth peer name ${FAR_END}`,
      `link set ${NEAR_END} master brs up`,
      `link set ${FAR_END} master ${SWITCH} up`,
      ...plug(FAR_CLIENT, [CLIENT_NIC]),
    ]);
    configure(FAR_CLIENT, [CLIENT_NIC]);
    return new SecondSwitch();
  }

  /** Plugs the service NIC of a host in here. */
  take(host: Host): void {
    ip(`link set ${servicePort(host.name)} master ${SWITCH}`);
  }

  /** Nothing passes between the two switches; nobody loses a carrier. */
  cut(): Heal {
    ip(`link set ${NEAR_END} down`);
    return () => ip(`link set ${NEAR_END} up`);
  }

  remove(): void {
    ipBatch([`link del ${NEAR_END}`, `link del ${CLIENT_NIC.port}`, `link del ${SWITCH}`, `netns del ${FAR_CLIENT}`], {
      onError: 'continue',
    });
  }
}
