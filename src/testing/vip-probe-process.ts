/**
 * A client on the Ethernet of a host that asks for one IPv4 and one IPv6 address all the time, each in two ways, and
 * writes down which questions were answered. Each question is told from the others, so that what counts is when an
 * answered one was asked: a client that reads late does not make the host look late.
 */
import { ipToBytes, parseIp } from '../core/ip.ts';
import { AF_PACKET, bindSocket, interfaceIndex, openSocket, receive, send } from '../adapters/linux/sys.ts';
import { SysError } from '../adapters/linux/sys-error.ts';
import { arpRequest, echoRequest, echoRequest6, type Ends, readAnswer, solicitation } from './probe-frames.ts';
import { serveLines } from './line-process.ts';
import { type ProbeKind, type ProbeReport, type ProbeResult, PROBES, type ProbeTarget } from './vip-probe.ts';

const ETH_P_ALL = 0x0003;
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const macBytes = (mac: string): Uint8Array => Uint8Array.from(mac.split(':'), (part) => Number.parseInt(part, 16));
const bytesOf = (text: string): Uint8Array => {
  const ip = parseIp(text);
  if (!ip) throw new Error(`not an address: ${text}`);
  return ipToBytes(ip);
};

function open(name: string): number {
  const ifindex = interfaceIndex(name);
  if (ifindex === undefined) throw new Error(`no interface ${name}`);
  const fd = openSocket(AF_PACKET, 0);
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16BE(ETH_P_ALL, 2);
  address.writeInt32LE(ifindex, 4);
  bindSocket(fd, address);
  return fd;
}

interface Count {
  asked: number;
  answered: number;
  lastAnsweredAskedAt?: number;
  lastAnswerReadAt?: number;
  /** When the question after the last answered one was asked. */
  nextAskedAt?: number | undefined;
}

type Results = Record<ProbeKind, ProbeResult>;

function resultOf({ asked, answered, lastAnsweredAskedAt, lastAnswerReadAt, nextAskedAt }: Count): ProbeResult {
  if (lastAnsweredAskedAt === undefined || lastAnswerReadAt === undefined) return { asked, answered };
  // Without a further question nothing is known of what followed.
  const silent = nextAskedAt === undefined ? {} : { silentFrom: Math.max(nextAskedAt, lastAnswerReadAt) };
  return { asked, answered, lastAnsweredAskedAt, ...silent };
}

/** How many questions of a kind can be told apart: more than are ever under way. */
const DISTINCT = 256;

function run(target: ProbeTarget) {
  const ends: Ends = {
    vip4: bytesOf(target.vip4),
    vip6: bytesOf(target.vip6),
    hostMac: macBytes(target.hostMac),
    clientMac: macBytes(target.clientMac),
    client4: bytesOf(target.client4),
    client6: bytesOf(target.client6),
  };
  const fd = open(target.interface);
  const frame = Buffer.alloc(2_048);
  let spoken = 0;
  let question = 0;
  const counts = Object.fromEntries(PROBES.map((kind) => [kind, { asked: 0, answered: 0 }])) as Record<
    ProbeKind,
    Count
  >;
  const askedAt = Object.fromEntries(PROBES.map((kind) => [kind, new Map<number, number>()])) as Record<
    ProbeKind,
    Map<number, number>
  >;

  const drain = (): void => {
    for (let length = receive(fd, frame); length !== undefined; length = receive(fd, frame)) {
      const answer = readAnswer(frame.subarray(0, length), ends);
      if (!answer) continue;
      spoken++;
      if (answer.kind === 'other') continue;
      const asked = askedAt[answer.kind].get(answer.question);
      if (asked === undefined) continue;
      const count = counts[answer.kind];
      count.answered++;
      count.lastAnsweredAskedAt = asked;
      count.lastAnswerReadAt = now();
      const next = askedAt[answer.kind].get((answer.question + 1) % DISTINCT);
      count.nextAskedAt = next !== undefined && next > asked ? next : undefined;
    }
  };
  const ask = (): void => {
    drain();
    question = (question + 1) % DISTINCT;
    for (const [kind, make] of Object.entries({
      arp: arpRequest,
      icmp: echoRequest,
      ndp: solicitation,
      icmp6: echoRequest6,
    }) as [ProbeKind, (ends: Ends, question: number) => Uint8Array][]) {
      const at = now();
      askedAt[kind].set(question, at);
      counts[kind].asked++;
      counts[kind].nextAskedAt ??= at;
      try {
        send(fd, make(ends, question));
      } catch (error) {
        // The queue of the interface is full: that question was not asked.
        if (!(error instanceof SysError && error.code === 'ENOBUFS')) throw error;
      }
    }
    drain();
  };
  let asking = setInterval(ask, target.everyMs);
  return {
    pace: (everyMs: number): void => {
      clearInterval(asking);
      asking = setInterval(ask, everyMs);
    },
    report: (): ProbeReport => {
      drain();
      return { ...(Object.fromEntries(PROBES.map((kind) => [kind, resultOf(counts[kind])])) as Results), spoken };
    },
  };
}

let probe: ReturnType<typeof run> | undefined;
serveLines({
  start: (target: ProbeTarget) => {
    probe = run(target);
  },
  /** Asks so often from now on, ms. */
  pace: (everyMs: number) => probe?.pace(everyMs),
  report: () => probe?.report(),
});
