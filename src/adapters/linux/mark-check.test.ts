import { expect, test } from '@jest/globals';
import { formatIp, parseIp } from '../../core/ip.ts';
import { encodeMessage, messagesOf, type NetlinkMessage } from './netlink-message.ts';
import { checkMarkIsKept } from './mark-check.ts';
import { type AddressTarget, decodeAddress, encodeNewAddress } from './rtnetlink-address.ts';

const targets: AddressTarget[] = ['192.0.2.50', 'fd00::50'].flatMap((text) => {
  const ip = parseIp(text);
  return ip ? [{ ifindex: 4, ip, prefixLength: ip.family === 4 ? 32 : 128 }] : [];
});

/** A kernel that lists these messages as its addresses. */
function kernel(addresses: readonly Buffer[]) {
  const removed: (string | undefined)[] = [];
  return {
    removed,
    dump: <T>(_: Buffer, decode: (message: NetlinkMessage) => T | undefined): T[] =>
      addresses.flatMap((address) => [...messagesOf(address)].flatMap((message) => decode(message) ?? [])),
    batch: (requests: readonly Buffer[]) => {
      for (const message of requests.flatMap((request) => [...messagesOf(request)])) {
        const decoded = decodeAddress(message);
        removed.push(`${decoded?.kind} ${decoded?.address.ip}`);
      }
      return [];
    },
  };
}

const asStored = (keepsMark: boolean): Buffer[] =>
  targets.map((target) => {
    const message = encodeNewAddress(target, 30, true);
    // The mark is the last attribute, of 8 bytes.
    return keepsMark ? message : encodeMessage(20, 0, message.subarray(16, -8));
  });

test('a kernel that keeps the mark is left alone', () => {
  const modern = kernel(asStored(true));
  for (const target of targets) checkMarkIsKept(modern, target);
  expect(modern.removed).toEqual([]);
});

test.each(targets)('with a kernel that drops the mark, nothing of ours stays and the error tells why', (target) => {
  const old = kernel(asStored(false));
  expect(() => checkMarkIsKept(old, target)).toThrow(/Linux 5\.18 or newer/);
  expect(old.removed).toEqual([`removed ${formatIp(target.ip)}`]);
});
