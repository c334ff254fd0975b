/** UDP sockets and the datagrams of prober and echo. */
import { ipToBytes, parseIp } from '../../../src/core/ip.ts';
import { bindSocket, setBuffers, setOption } from '../../../src/adapters/linux/sys.ts';
import { AF_INET, AF_INET6, openDatagramSocket } from './native.ts';

/** UDP port of the echo on every host. */
export const ECHO_PORT = 7007;
export const PROBE_BYTES = 20;
/** Room for a probe and the name of the host that answered it. */
export const ANSWER_BYTES = 96;

const MAGIC = 0x76_70_70_62;
const BUFFER_BYTES = 8 << 20;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

export interface Probe {
  /** Number of the VIP, given by the prober. */
  readonly vip: number;
  readonly sequence: number;
  /** CLOCK_MONOTONIC. */
  readonly sentAtMs: number;
}

export function writeProbe(data: Buffer, { vip, sequence, sentAtMs }: Probe): void {
  data.writeUInt32BE(MAGIC, 0);
  data.writeUInt32BE(vip, 4);
  data.writeUInt32BE(sequence, 8);
  data.writeDoubleBE(sentAtMs, 12);
}

/** Undefined where the datagram is none of ours. */
export function readProbe(data: Buffer, length: number): Probe | undefined {
  if (length < PROBE_BYTES || data.readUInt32BE(0) !== MAGIC) return undefined;
  return { vip: data.readUInt32BE(4), sequence: data.readUInt32BE(8), sentAtMs: data.readDoubleBE(12) };
}

/** struct sockaddr_in or sockaddr_in6. Throws RangeError for text that is no address. */
export function socketAddress(text: string, port: number): Buffer {
  const ip = parseIp(text);
  if (!ip) throw new RangeError(`${text} is no IP address`);
  const address = Buffer.alloc(ip.family === 4 ? 16 : 28);
  address.writeUInt16LE(ip.family === 4 ? AF_INET : AF_INET6, 0);
  address.writeUInt16BE(port, 2);
  address.set(ipToBytes(ip), ip.family === 4 ? 4 : 8);
  return address;
}

/** Whether a socket address as the kernel wrote it has the IP address of another one. */
export const sameIp = (peer: Buffer, address: Buffer): boolean =>
  address.length === 16 ? peer.compare(address, 4, 8, 4, 8) === 0 : peer.compare(address, 8, 24, 8, 24) === 0;

/** A UDP socket with room for bursts, on all addresses of its namespace. `port` 0: any. */
export function openUdp(family: 4 | 6, port: number): number {
  const fd = openDatagramSocket(family === 4 ? AF_INET : AF_INET6);
  if (family === 6) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  setBuffers(fd, BUFFER_BYTES, BUFFER_BYTES);
  bindSocket(fd, socketAddress(family === 4 ? '0.0.0.0' : '::', port));
  return fd;
}
