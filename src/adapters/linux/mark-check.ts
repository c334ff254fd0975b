import { formatIp } from '../../core/ip.ts';
import { OpError } from '../../core/op-error.ts';
import type { NetlinkSocket } from './netlink-socket.ts';
import {
  ADDRESS_PROTOCOL,
  type AddressTarget,
  decodeAddress,
  encodeAddressDump,
  encodeDeleteAddress,
} from './rtnetlink-address.ts';

/**
 * Kernels before 5.18 drop the mark of an address without a word, and nobody would ever find these addresses again.
 * Reads back an address that was just added; where the mark is missing, takes it away again and throws OpError.
 */
export function checkMarkIsKept(commands: Pick<NetlinkSocket, 'batch' | 'dump'>, added: AddressTarget): void {
  const ip = formatIp(added.ip);
  const unmarked = commands
    .dump(encodeAddressDump(), decodeAddress)
    .some(({ address: { ifindex, ip: found, protocol } }) => {
      return ifindex === added.ifindex && found === ip && protocol !== ADDRESS_PROTOCOL;
    });
  if (!unmarked) return;
  commands.batch([encodeDeleteAddress(added)]);
  throw new OpError(
    'Internal',
    'this kernel does not keep the protocol of an address (IFA_PROTO), by which VIPs are told from other addresses: Linux 5.18 or newer is needed',
  );
}
