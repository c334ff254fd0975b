/** Both ends of the member probe, on demand of the parent: sockets work in the namespace of their process. */
import { createSocket } from 'node:dgram';
import { UdpMemberProbe } from '../adapters/multicast/udp-member-probe.ts';
import { UdpMemberResponder } from '../adapters/multicast/udp-member-responder.ts';
import { systemRandom } from '../adapters/system/system-random.ts';
import { controllerId, nodeName } from '../core/ids.ts';
import type { MemberAnswer } from '../ports/member-probe.ts';
import { serveLines } from './line-process.ts';
import { term } from './core-builders.ts';

const GROUP = { host: '239.255.74.80', port: 7483 };
const counts: Record<string, number> = {};
const metrics = {
  count: (name: string, labels: Readonly<Record<string, string>> = {}): void => {
    const key = [name, ...Object.values(labels)].join(' ');
    counts[key] = (counts[key] ?? 0) + 1;
  },
  gauge: () => undefined,
  gauges: () => undefined,
  beforeRead: () => undefined,
  observe: () => undefined,
};
const answers: MemberAnswer[] = [];
let probe: UdpMemberProbe | undefined;
let responder: UdpMemberResponder | undefined;

interface Raw {
  readonly hex: string;
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

serveLines({
  respond: async ({ node, address }: { node: string; address: string }) => {
    responder = new UdpMemberResponder({ node: nodeName(node), managementAddress: address, group: GROUP, metrics });
    await responder.start();
  },
  probe: async (address: string) => {
    const self = controllerId('c1');
    probe = new UdpMemberProbe({ self, managementAddress: address, group: GROUP, random: systemRandom, metrics });
    await probe.start((answer) => answers.push(answer));
  },
  ask: () => probe?.ask(term(3)),
  answers: () => answers.splice(0),
  counts: () => counts,
  raw: ({ hex, from, to, port }: Raw) =>
    new Promise<void>((resolve) => {
      const socket = createSocket('udp4');
      socket.bind(0, from, () => {
        socket.setMulticastInterface(from);
        socket.send(Buffer.from(hex, 'hex'), port, to, () => void socket.close(resolve));
      });
    }),
  stop: async () => {
    await Promise.all([probe?.stop(), responder?.stop()]);
  },
});
