import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readBootId, readHostIdentity } from './host-identity.ts';

const MACHINE = '0123456789abcdef0123456789abcdef';
const BOOT = '01234567-89ab-cdef-0123-456789abcdef';
let directory: string;
let files: { machineId: string; bootId: string };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'host-identity-'));
  files = { machineId: join(directory, 'machine-id'), bootId: join(directory, 'boot_id') };
  writeFileSync(files.machineId, `${MACHINE}\n`);
  writeFileSync(files.bootId, `${BOOT}\n`);
});
afterEach(() => rmSync(directory, { recursive: true }));

const failure = (): unknown => {
  try {
    return readHostIdentity(files);
  } catch (error) {
    return error;
  }
};

test('reads both ids', () => {
  expect(readHostIdentity(files)).toEqual({ machineId: MACHINE, bootId: BOOT });
});

test('the boot is known without a machine id, as in the container of a controller', () => {
  rmSync(files.machineId);
  expect(readBootId(files.bootId)).toBe(BOOT);
});

test('a missing file is named, with the remedy', () => {
  rmSync(files.machineId);
  expect(failure()).toMatchObject({
    code: 'NotFound',
    message: expect.stringContaining(`${files.machineId} cannot be read: make it with`),
  });
});

test.each(['', 'uninitialized\n', MACHINE.slice(1)])('a machine id of "%s" is none', (text) => {
  writeFileSync(files.machineId, text);
  expect(failure()).toMatchObject({ code: 'InvalidInput', message: expect.stringContaining(files.machineId) });
});

test('a boot id has to be a UUID', () => {
  writeFileSync(files.bootId, 'x');
  expect(failure()).toMatchObject({ code: 'InvalidInput', message: expect.stringContaining(files.bootId) });
});
