import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import type { NodeName } from '../../core/ids.ts';
import { parseCidr, parseIp, type Subnet, subnetContains } from '../../core/ip.ts';
import { OpError } from '../../core/op-error.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { decodeDatagram, encodeDatagram } from './datagram.ts';
import { errorText } from '../../core/error-text.ts';

export interface UdpMemberResponderOptions {
  readonly node: NodeName;
  /** Of this host, IPv4, on the management network: where the group is joined, and answers come from. */
  readonly managementAddress: string;
  readonly group: { readonly host: string; readonly port: number };
  readonly metrics: Metrics;
}

/** Answers the multicast of the master to its sender alone, and nobody outside of the management subnet. */
export class UdpMemberResponder {
  readonly #options: UdpMemberResponderOptions;
  #sockets: { readonly group: Socket; readonly answers: Socket } | undefined;

  constructor(options: UdpMemberResponderOptions) {
    this.#options = options;
  }

  /** Throws OpError where the group cannot be joined. */
  async start(): Promise<void> {
    const { managementAddress, group } = this.#options;
    const subnet = subnetOf(managementAddress);
    if (!subnet) throw new OpError('Unavailable', `${managementAddress} is no IPv4 address of this host`);
    // Bound to the group itself, the socket hears no unicast.
    const questions = createSocket({ type: 'udp4', reuseAddr: true });
    const answers = createSocket('udp4');
    questions.on('message', (bytes, from) => this.#received(bytes, from, subnet));
    try {
      questions.bind(group.port, group.host);
      await once(questions, 'listening');
      questions.addMembership(group.host, managementAddress);
      answers.bind(0, managementAddress);
      await once(answers, 'listening');
    } catch (error) {
      questions.close();
      answers.close();
      const reason = errorText(error);
      throw new OpError('Unavailable', `multicast ${group.host} cannot be joined on ${managementAddress}: ${reason}`);
    }
    for (const socket of [questions, answers]) socket.on('error', () => this.#unsent('ESOCKET'));
    this.#sockets = { group: questions, answers };
  }

  async stop(): Promise<void> {
    const sockets = this.#sockets;
    this.#sockets = undefined;
    if (!sockets) return;
    const ended = [sockets.group, sockets.answers].map(
      (socket) => new Promise<void>((resolve) => void socket.close(resolve)),
    );
    await Promise.all(ended);
  }

  #received(bytes: Buffer, { address, port }: RemoteInfo, subnet: Subnet): void {
    const { metrics, node } = this.#options;
    const datagram = decodeDatagram(bytes);
    const from = parseIp(address);
    const isFar = !from || !subnetContains(subnet, from);
    if (datagram?.kind !== 'question' || isFar) {
      const reason = isFar ? 'outside' : 'malformed';
      return metrics.count('member_datagrams_refused_total', { reason });
    }
    const answer = encodeDatagram({ kind: 'answer', nonce: datagram.nonce, node });
    this.#sockets?.answers.send(answer, port, address, (error) => {
      if (error) this.#unsent((error as NodeJS.ErrnoException).code ?? error.name);
    });
  }

  #unsent(code: string): void {
    this.#options.metrics.count('member_datagrams_unsent_total', { code });
  }
}

function subnetOf(address: string): Subnet | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const own = all.find((item) => item.family === 'IPv4' && item.address === address);
  return typeof own?.cidr === 'string' ? parseCidr(own.cidr) : undefined;
}
