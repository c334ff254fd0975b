import { controllerId, vipAddress, type ControllerId, type VipAddress } from '../../core/ids.ts';
import { bitsOf, formatIp, parseCidr, parseIp, type Subnet, subnetRange } from '../../core/ip.ts';
import { readSubdomain } from './names.ts';
import { bad, good, list, single, type Read, type ValueType } from './value-type.ts';

/** An address to listen on: canonical IP text without brackets, and a TCP port. */
export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** One member of the electorate, as agents reach it. `host` is canonical IP text or a DNS name. */
export interface ControllerEndpoint {
  readonly id: ControllerId;
  readonly host: string;
  readonly port: number;
}

/** "192.0.2.1:7400", "[2001:db8::1]:7400", "host:7400" */
function readHostPort(text: string): Read<SocketAddress> {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) {
    return bad(`"${text}" is not HOST:PORT; write for example 192.0.2.1:7400 or [2001:db8::1]:7400`);
  }
  const port = Number(digits);
  if (port < 1 || port > 65_535) return bad(`port ${digits} in "${text}" is out of range; write 1 to 65535`);
  const ip = parseIp(host);
  if (ip) return good({ host: formatIp(ip), port });
  // What looks like an address but is none must not pass as a DNS name.
  if (bracketed !== undefined || /^[\d.]+$/.test(host)) return bad(`"${host}" in "${text}" is not an IP address`);
  return readSubdomain(host).ok
    ? good({ host, port })
    : bad(`"${host}" in "${text}" is neither IP address nor DNS name`);
}

/** IP address and port to listen on. */
export const socketAddress: ValueType<SocketAddress> = single('IP:PORT', (text) => {
  const read = readHostPort(text);
  if (!read.ok || parseIp(read.value.host)) return read;
  return bad(`"${read.value.host}" in "${text}" is a name; write the IP address to listen on`);
});

/** Where something is asked: IP addresses or DNS names, with ports. */
export const targets: ValueType<readonly SocketAddress[]> = list(
  'HOST:PORT',
  readHostPort,
  ({ host, port }) => `${host} ${port}`,
);

/** IPv4 multicast group and port. */
export const multicastGroup: ValueType<SocketAddress> = single('GROUP:PORT', (text) => {
  const read = readHostPort(text);
  if (!read.ok) return read;
  const ip = parseIp(read.value.host);
  if (ip?.family === 4 && ip.value >> 28n === 0xen) return read;
  return bad(
    `"${read.value.host}" in "${text}" is no IPv4 multicast address; write one of 224.0.0.0/4, for example ` +
      '239.255.74.80:7483',
  );
});

/** The electorate: "ID=HOST:PORT". */
export const controllerEndpoints: ValueType<readonly ControllerEndpoint[]> = list(
  'ID=HOST:PORT',
  (text): Read<ControllerEndpoint> => {
    const at = text.indexOf('=');
    if (at < 1) return bad(`"${text}" has no id; write ID=HOST:PORT, for example controller-0=192.0.2.1:7400`);
    const id = readSubdomain(text.slice(0, at).trim());
    const target = readHostPort(text.slice(at + 1).trim());
    if (!id.ok) return id;
    return target.ok ? good({ id: controllerId(id.value), ...target.value }) : target;
  },
  ({ id }) => id,
);

/** Base URLs of etcd's client endpoints, without a trailing slash. */
export const etcdUrls: ValueType<readonly string[]> = list(
  'URL',
  (text): Read<string> => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const plain = url && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
    if (!plain || !['http:', 'https:'].includes(url.protocol)) {
      return bad(`"${text}" is not the URL of an etcd endpoint; write for example http://192.0.2.1:2379`);
    }
    return /:\d+\/?$/.test(text)
      ? good(text.replace(/\/$/, ''))
      : bad(`"${text}" has no port; write for example ${url.protocol}//${url.hostname}:2379`);
  },
  (url) => url,
);

/** Subnets; a plain address stands for itself alone. Host bits must be zero, so that a typing error shows. */
export const subnets: ValueType<readonly Subnet[]> = list(
  'CIDR',
  (text): Read<Subnet> => {
    const ip = parseIp(text);
    if (ip) return good({ base: ip, prefixLength: bitsOf(ip.family) });
    const subnet = parseCidr(text);
    if (!subnet) return bad(`"${text}" is not a subnet; write for example 192.0.2.0/24 or 2001:db8::/64`);
    const { first } = subnetRange(subnet);
    if (first.value === subnet.base.value) return good(subnet);
    return bad(`"${text}" has host bits set; write ${formatIp(first)}/${subnet.prefixLength}`);
  },
  ({ base, prefixLength }) => `${formatIp(base)}/${prefixLength}`,
);

/** One address, given in any form, kept in canonical text. */
export const anAddress: ValueType<VipAddress> = single('IP', (text) => {
  const ip = parseIp(text);
  return ip
    ? good(vipAddress(formatIp(ip)))
    : bad(`"${text}" is not an IP address; write for example 192.0.2.10 or 2001:db8::10`);
});

/** DNS names and addresses of one host. */
export const hostNames: ValueType<readonly string[]> = list(
  'HOST',
  (text): Read<string> => {
    const ip = parseIp(text);
    if (ip) return good(formatIp(ip));
    // What looks like an address but is none must not pass as a DNS name.
    if (readSubdomain(text).ok && !/^[\d.]+$/.test(text)) return good(text);
    return bad(`"${text}" is neither IP address nor DNS name; write for example 192.0.2.1 or etcd-1.example`);
  },
  (host) => host,
);
