import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { processView } from './process-view.ts';

let proc: string;
beforeEach(() => void (proc = mkdtempSync(join(tmpdir(), 'vippool-view-'))));
afterEach(() => rmSync(proc, { recursive: true }));

it.each([
  ['the host', 'host', 'pid:[4026531836]', '/usr/lib/systemd/systemd'],
  ['a pod with hostPID', 'host', 'pid:[4026531836]', '/usr/local/bin/node'],
  ['a pod without', 'container', 'pid:[4026532916]', '/usr/local/bin/node'],
  ['a pod that shares its processes', 'another', 'pid:[4026532916]', '/pause'],
  ['a host that is a container', 'another', 'pid:[4026532916]', '/usr/lib/systemd/systemd'],
  ['a container that hides its first process', 'another', 'pid:[4026532916]', undefined],
])('the processes that are seen in %s: %s', (_where, expected, namespace, first) => {
  for (const directory of ['self/ns', '1']) mkdirSync(join(proc, directory), { recursive: true });
  symlinkSync(namespace, join(proc, 'self/ns/pid'));
  if (first !== undefined) symlinkSync(first, join(proc, '1/exe'));
  expect(processView(proc, '/usr/local/bin/node')).toBe(expected);
});

it('is taken for that of the host where the kernel says nothing', () => {
  expect(processView(proc, '/usr/local/bin/node')).toBe('host');
});
