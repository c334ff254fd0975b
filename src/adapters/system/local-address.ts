import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** A name that is not found at once is not worth to wait for. */
const LOOKUP_MS = 200;

/**
 * The address of this host on the route to another one, which hears nothing of the question; undefined: there is no
 * route, or the name of the other one is not found at once.
 */
export function addressTowards(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    let open = true;
    const end = (address: string | undefined): void => {
      clearTimeout(timer);
      if (open) socket.close();
      open = false;
      resolve(address);
    };
    const timer = setTimeout(() => end(undefined), LOOKUP_MS);
    socket.once('error', () => end(undefined));
    socket.connect(port, host, () => end(open ? socket.address().address : undefined));
  });
}

/** Every address of this host, of both families where it has both. */
export function anyAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.some(({ family }) => family === 'IPv6') ? '::' : '0.0.0.0';
}
