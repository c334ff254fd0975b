/** A machine on the service network that is no node of ours, and has addresses that it should not have. */
import { SERVICE_NIC, servicePort } from './host.ts';
import { ip, ipBatch, ipJson } from './ip.ts';
import { configure, plug } from './nic.ts';

const NAME = 'stranger';

export class Stranger {
  /** Of its NIC. */
  readonly mac: string;

  private constructor(mac: string) {
    this.mac = mac;
  }

  /** To the switch of a lab, which has to be there. */
  static plugIn(): Stranger {
    const nic = { port: servicePort(NAME), name: SERVICE_NIC, bridge: 'brs', addresses: [] };
    ipBatch(plug(NAME, [nic]));
    configure(NAME, [nic]);
    const [link] = ipJson(`-n ${NAME} link show dev ${SERVICE_NIC}`) as readonly { readonly address: string }[];
    if (!link) throw new Error('the stranger has no NIC');
    return new Stranger(link.address);
  }

  /** From now on it answers for this address. */
  take(address: string): void {
    ip(`-n ${NAME} addr add ${withLength(address)} dev ${SERVICE_NIC}${address.includes(':') ? ' nodad' : ''}`);
  }

  letGo(address: string): void {
    ip(`-n ${NAME} addr del ${withLength(address)} dev ${SERVICE_NIC}`);
  }

  /** Away with it, and all that it has. */
  unplug(): void {
    ipBatch([`link del ${servicePort(NAME)}`, `netns del ${NAME}`], { onError: 'continue' });
  }
}

const withLength = (address: string): string => `${address}/${address.includes(':') ? 64 : 24}`;
