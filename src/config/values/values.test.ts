import { describe, expect, test } from '@jest/globals';
import { aNodeName, interfaceNames, labels } from './names.ts';
import { controllerEndpoints, etcdUrls, socketAddress, subnets } from './network.ts';
import { absolutePaths, duration, integer, path } from './scalars.ts';
import { aSource } from './source.ts';
import type { ValueType } from './value-type.ts';

type Case = readonly [type: ValueType<unknown>, text: string, expected: unknown];

const seconds = duration({ minMs: 2_000, maxMs: 60_000, stepMs: 1_000 });

const GOOD: readonly Case[] = [
  [seconds, ' 2s ', 2_000],
  [seconds, '1m', 60_000],
  [integer(0, 10), '10', 10],
  [integer(-5, 10), '-5', -5],
  [path(), 'a b', 'a b'],
  [path({ absolute: true }), '/run', '/run'],
  [absolutePaths, '/run, /etc', ['/run', '/etc']],
  [aNodeName, 'node-1.example', 'node-1.example'],
  [interfaceNames, 'eth0, eth0.100,br_x', ['eth0', 'eth0.100', 'br_x']],
  [labels, 'role=nas,vippool.io/zone=', { role: 'nas', 'vippool.io/zone': '' }],
  [labels, '', {}],
  [socketAddress, '[2001:DB8::0]:1', { host: '2001:db8::', port: 1 }],
  [socketAddress, '0.0.0.0:65535', { host: '0.0.0.0', port: 65_535 }],
  [controllerEndpoints, 'c0=ctl.example:7400', [{ id: 'c0', host: 'ctl.example', port: 7400 }]],
  [etcdUrls, 'https://[::1]:2379/,http://etcd:80', ['https://[::1]:2379', 'http://etcd:80']],
  [subnets, '192.0.2.7', [{ base: { family: 4, value: 0xc0000207n }, prefixLength: 32 }]],
  [subnets, '0.0.0.0/0,::/0', [4, 6].map((family) => ({ base: { family, value: 0n }, prefixLength: 0 }))],
  [aSource, 'kubernetes', { kind: 'kubernetes' }],
  [aSource, 'dir:/etc/x', { kind: 'directory', path: '/etc/x' }],
];

const BAD: readonly (readonly [type: ValueType<unknown>, text: string, message: string])[] = [
  [seconds, '2', '"2" is not a duration; write for example 200ms, 1s or 1m30s'],
  [seconds, '1s', '1s is out of range; write a duration from 2s to 1m'],
  [seconds, '2001ms', '2001ms is not a whole number of seconds; write for example 2s'],
  [duration({ minMs: 1, maxMs: 9 }), '1.5ms', '1.5ms is not a whole number of milliseconds; write for example 1ms'],
  [integer(0, 10), '11', '"11" is not allowed; write a whole number from 0 to 10'],
  [integer(0, 10), '1.0', '"1.0" is not allowed; write a whole number from 0 to 10'],
  [integer(0, 10), '', '"" is not allowed; write a whole number from 0 to 10'],
  [path(), '', 'the path is empty; write the path of a file or directory'],
  [absolutePaths, '/run,etc', '"etc" is not absolute; write a path that begins with /'],
  [absolutePaths, '/run,/run', '/run is given twice; write it once'],
  [path({ absolute: true }), 'run', '"run" is not absolute; write a path that begins with /'],
  [aNodeName, 'Node_1', '"Node_1" is not a valid name'],
  [aNodeName, 'a'.repeat(254), 'write at most 253 lower-case letters'],
  [interfaceNames, 'a-name-too-long-x', '"a-name-too-long-x" is not the name of an interface'],
  [interfaceNames, 'eth0,eth0', 'eth0 is given twice; write it once'],
  [interfaceNames, ' , ', 'the list is empty; write at least one item'],
  [labels, 'role', '"role" is not a label; write KEY=VALUE, for example role=nas'],
  [labels, 'a b=c', '"a b" is not the key of a label'],
  [labels, 'a=b/c', '"b/c" is not the value of a label'],
  [labels, 'a=b,a=c', 'a is given twice; write it once'],
  [socketAddress, '192.0.2.1', '"192.0.2.1" is not HOST:PORT'],
  [socketAddress, '2001:db8::1:7400', '"2001:db8::1:7400" is not HOST:PORT'],
  [socketAddress, '192.0.2.1:0', 'port 0 in "192.0.2.1:0" is out of range; write 1 to 65535'],
  [socketAddress, '192.0.2.300:1', '"192.0.2.300" in "192.0.2.300:1" is not an IP address'],
  [socketAddress, 'host:1', '"host" in "host:1" is a name; write the IP address to listen on'],
  [controllerEndpoints, 'h:1', '"h:1" has no id; write ID=HOST:PORT'],
  [controllerEndpoints, 'a=h:1,a=i:1', 'a is given twice; write it once'],
  [etcdUrls, 'etcd:2379', '"etcd:2379" is not the URL of an etcd endpoint'],
  [etcdUrls, 'http://etcd:1/x', '"http://etcd:1/x" is not the URL of an etcd endpoint'],
  [etcdUrls, 'http://etcd', '"http://etcd" has no port; write for example http://etcd:2379'],
  [subnets, '192.0.2.7/24', '"192.0.2.7/24" has host bits set; write 192.0.2.0/24'],
  [subnets, '192.0.2/24,x', '"192.0.2/24" is not a subnet; write for example 192.0.2.0/24 or 2001:db8::/64; "x" is'],
  [aSource, 'dir:', '"dir:" names no directory'],
  [aSource, '/etc', '"/etc" is not a source; write kubernetes or dir:PATH'],
];

const titled = (cases: readonly Case[]) =>
  cases.map(([type, text, expected]) => ({
    title: `${type.placeholder} "${text.slice(0, 40)}"`,
    type,
    text,
    expected,
  }));

describe('values', () => {
  test.each(titled(GOOD))('$title is accepted', ({ type, text, expected }) => {
    expect(type.read([text])).toEqual({ ok: true, value: expected });
  });

  test.each(titled(BAD))('$title is refused', ({ type, text, expected }) => {
    expect(type.read([text])).toEqual({ ok: false, message: expect.stringContaining(String(expected)) });
  });
});
