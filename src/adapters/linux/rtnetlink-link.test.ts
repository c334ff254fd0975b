import { expect, test } from '@jest/globals';
import { recorded, type RECORDED } from '../../testing/recorded-netlink.ts';
import { messagesOf } from './netlink-message.ts';
import { decodeLink } from './rtnetlink-link.ts';

const decode = (name: keyof typeof RECORDED) => [...messagesOf(recorded(name))].map(decodeLink);
const svc0 = { ifindex: 4, name: 'svc0', mac: Uint8Array.of(2, 0, 0, 0, 0, 7), ethernet: true };

test('a link that is up and has its cable', () => {
  expect(decode('linkUp')).toEqual([{ kind: 'present', link: { ...svc0, carrier: true } }]);
});

test('a link that is up without a carrier', () => {
  expect(decode('linkWithoutCarrier')).toEqual([{ kind: 'present', link: { ...svc0, carrier: false } }]);
});

test('a link that was deleted', () => {
  expect(decode('linkDeleted')).toEqual([{ kind: 'gone', ifindex: 4 }]);
});

test('a port that left its bridge is still there', () => {
  expect(decode('bridgePortReleased')).toEqual([undefined]);
});

test('addresses are not links', () => {
  expect(decode('markedIpv4Added')).toEqual([undefined]);
});
