import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { ControllerId } from '../../core/ids.ts';
import { OpError } from '../../core/op-error.ts';
import type { Term } from '../../core/term.ts';
import type { MemberAnswer, MemberProbe } from '../../ports/member-probe.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Random } from '../../ports/random.ts';
import { decodeDatagram, encodeDatagram } from './datagram.ts';
import { errorText } from '../../core/error-text.ts';

export interface UdpMemberProbeOptions {
  readonly self: ControllerId;
  /** Of this host, IPv4, on the management network: questions leave from it, and answers come to it. */
  readonly managementAddress: string;
  readonly group: { readonly host: string; readonly port: number };
  readonly random: Random;
  readonly metrics: Metrics;
}

/** The master's side of the member probe on UDP multicast. It never leaves the link. */
export class UdpMemberProbe implements MemberProbe {
  readonly #options: UdpMemberProbeOptions;
  #socket: Socket | undefined;
  /** Of the newest question. */
  #nonce: bigint | undefined;

  constructor(options: UdpMemberProbeOptions) {
    this.#options = options;
  }

  async start(onAnswer: (answer: MemberAnswer) => void): Promise<void> {
    const { managementAddress } = this.#options;
    const socket = createSocket('udp4');
    socket.on('message', (bytes, from) => this.#received(bytes, from, onAnswer));
    try {
      socket.bind(0, managementAddress);
      await once(socket, 'listening');
      socket.setMulticastInterface(managementAddress);
      socket.setMulticastTTL(1);
      // The agent of this host answers as well.
      socket.setMulticastLoopback(true);
    } catch (error) {
      socket.close();
      const reason = errorText(error);
      throw new OpError('Unavailable', `multicast from ${managementAddress} is not possible: ${reason}`);
    }
    socket.on('error', () => this.#unsent('ESOCKET'));
    this.#socket = socket;
  }

  ask(term: Term): void {
    const { self, group, random } = this.#options;
    this.#nonce = BigInt(`0x${random.hex(8)}`);
    const bytes = encodeDatagram({ kind: 'question', nonce: this.#nonce, term: term.number, controller: self });
    this.#socket?.send(bytes, group.port, group.host, (error) => {
      if (error) this.#unsent((error as NodeJS.ErrnoException).code ?? error.name);
    });
  }

  async stop(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    await new Promise<void>((resolve) => void socket.close(resolve));
  }

  #received(bytes: Buffer, { address }: RemoteInfo, onAnswer: (answer: MemberAnswer) => void): void {
    const datagram = decodeDatagram(bytes);
    if (datagram?.kind !== 'answer') return this.#refused('malformed');
    if (datagram.nonce !== this.#nonce) return this.#refused('late');
    onAnswer({ node: datagram.node, address });
  }

  #refused(reason: 'malformed' | 'late'): void {
    this.#options.metrics.count('member_datagrams_refused_total', { reason });
  }

  #unsent(code: string): void {
    this.#options.metrics.count('member_datagrams_unsent_total', { code });
  }
}
