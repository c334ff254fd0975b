import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatIp } from '../../core/ip.ts';
import { defaultRouteOf } from './default-gateway.ts';
import { encodeAttributes } from './netlink-message.ts';
import { decodeDefaultRoute, type DefaultRoute, RTM_NEWROUTE } from './rtnetlink-route.ts';

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const [OIF, GATEWAY, PRIORITY, MULTIPATH, TABLE, VIA] = [4, 5, 6, 9, 15, 18] as const;
const V4 = Uint8Array.of(192, 0, 2, 1);
const V6 = Buffer.from('fe800000000000000000000000000001', 'hex');

/** A route to everywhere of the main table, with these attributes; `change` the fixed part. */
function message(
  attributes: readonly (readonly [number, Uint8Array])[],
  change: (header: Buffer) => void = () => undefined,
): Parameters<typeof decodeDefaultRoute>[0] {
  const header = Buffer.from('020000000003000100000000', 'hex');
  header.writeUInt8(254, 4);
  header.writeUInt8(1, 7);
  change(header);
  return { type: RTM_NEWROUTE, flags: 0, sequence: 1, payload: Buffer.concat([header, encodeAttributes(attributes)]) };
}
const read = (...[attributes, change]: Parameters<typeof message>): unknown =>
  decodeDefaultRoute(message(attributes, change))?.map(({ gateway, ...rest }) => ({
    gateway: formatIp(gateway),
    ...rest,
  }));

test('a gateway with its interface, table and metric', () => {
  expect(
    read([
      [OIF, u32(7)],
      [GATEWAY, V4],
    ]),
  ).toEqual([{ ifindex: 7, gateway: '192.0.2.1', main: true, metric: 0 }]);
  expect(
    read([
      [TABLE, u32(1000)],
      [PRIORITY, u32(1024)],
      [OIF, u32(7)],
      [GATEWAY, V6],
    ]),
  ).toEqual([{ ifindex: 7, gateway: 'fe80::1', main: false, metric: 1024 }]);
});

test('a gateway of the other family', () => {
  const via = Buffer.concat([Uint8Array.of(10, 0), V6]);
  expect(
    read([
      [OIF, u32(7)],
      [VIA, via],
    ]),
  ).toMatchObject([{ gateway: 'fe80::1' }]);
});

test('several next hops', () => {
  const hop = (ifindex: number, gateway: Uint8Array): Buffer => {
    const attributes = encodeAttributes([[GATEWAY, gateway]]);
    const head = Buffer.alloc(8);
    head.writeUInt16LE(8 + attributes.length, 0);
    head.writeInt32LE(ifindex, 4);
    return Buffer.concat([head, attributes]);
  };
  expect(read([[MULTIPATH, Buffer.concat([hop(7, V4), hop(8, V6)])]])).toMatchObject([
    { ifindex: 7, gateway: '192.0.2.1' },
    { ifindex: 8, gateway: 'fe80::1' },
  ]);
});

test.each<[string, (header: Buffer) => void]>([
  ['a part of the network', (header) => header.writeUInt8(24, 1)],
  ['traffic from a part of the network', (header) => header.writeUInt8(24, 2)],
  ['nowhere (unreachable)', (header) => header.writeUInt8(7, 7)],
])('a route to %s is none', (_, change) => {
  expect(
    read(
      [
        [OIF, u32(7)],
        [GATEWAY, V4],
      ],
      change,
    ),
  ).toBeUndefined();
});

test('a default route without a gateway is none', () => {
  expect(read([[OIF, u32(7)]])).toBeUndefined();
  expect(read([[GATEWAY, V4]])).toBeUndefined();
});

test('any bytes are a route or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const payload = Buffer.concat([Buffer.from('020000000000000100000000', 'hex'), bytes]);
      for (const route of decodeDefaultRoute({ type: RTM_NEWROUTE, flags: 0, sequence: 1, payload }) ?? []) {
        expect(formatIp(route.gateway)).toEqual(expect.any(String));
      }
    }),
    { numRuns: 1_000 },
  );
});

test('the route of the interface goes before the first of the host', () => {
  const route = (ifindex: number): DefaultRoute => ({
    ifindex,
    gateway: { family: 4, value: 1n },
    main: true,
    metric: 0,
  });
  const routes = [route(1), route(2)];
  expect(defaultRouteOf(routes, [2])).toBe(routes[1]);
  expect(defaultRouteOf(routes, [3])).toBe(routes[0]);
  expect(defaultRouteOf(routes, [])).toBe(routes[0]);
  expect(defaultRouteOf([], [1])).toBeUndefined();
});
