import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { assert, integer, nat, property } from 'fast-check';
import { controllerId, epoch, incarnation, nodeName, poolName } from '../../core/ids.ts';
import { monotonic } from '../../core/time.ts';
import type { ControllerMemory } from '../../ports/controller-memory.ts';
import { FileControllerMemory } from './file-controller-memory.ts';

const TERM = { number: 7, instance: { id: controllerId('c0'), priority: 0, address: '192.0.2.1', nonce: 'ab' } };
const PROMISE = { term: TERM, until: monotonic(1234.5) };
const MEMORY: ControllerMemory = {
  bootId: 'boot-1',
  highestTerm: { ...TERM, number: 9 },
  promise: PROMISE,
  leases: [
    {
      node: nodeName('node-a'),
      lease: { incarnation: incarnation('1f2e3d'), epoch: epoch(3) },
      revoked: true,
      restored: 2,
      knocking: false,
      holds: [{ pool: poolName('nas'), members: [nodeName('node-a'), nodeName('node-b')] }],
    },
  ],
};

let directory: string;
const open: FileControllerMemory[] = [];

/** The store of a process that has just started. */
function start(bootId = 'boot-1'): FileControllerMemory {
  const store = new FileControllerMemory(directory, bootId);
  open.push(store);
  return store;
}

const file = (name: string): string => join(directory, name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vippool-controller-memory-'));
});

afterEach(() => {
  for (const store of open.splice(0)) store.close();
  rmSync(directory, { recursive: true });
});

describe('what is saved is loaded by the next process', () => {
  test('the whole memory', () => {
    start().save(MEMORY);
    expect(start().load()).toEqual(MEMORY);
  });

  test('a memory of nothing', () => {
    const nothing: ControllerMemory = { bootId: 'boot-1', highestTerm: undefined, promise: undefined, leases: [] };
    start().save(nothing);
    expect(start().load()).toStrictEqual(nothing);
  });

  test('the end of the promise, whichever call said it last', () => {
    const store = start();
    store.save(MEMORY);
    store.savePromise(monotonic(2000.125));
    expect(start().load()).toEqual({ ...MEMORY, promise: { ...PROMISE, until: 2000.125 } });
    store.save(MEMORY);
    expect(start().load()).toEqual(MEMORY);
  });

  test('the end of a promise that was loaded', () => {
    start().save(MEMORY);
    const second = start();
    second.load();
    second.savePromise(monotonic(5000));
    expect(start().load()?.promise?.until).toBe(5000);
  });
});

test('nothing is loaded where nothing was saved, or in another boot', () => {
  expect(start().load()).toBeUndefined();
  start().save(MEMORY);
  expect(start('boot-2').load()).toBeUndefined();
});

test('the end of a promise to one master never becomes that of a promise to another', () => {
  const store = start();
  store.save(MEMORY);
  store.savePromise(monotonic(9000));
  const next = { ...MEMORY, promise: { term: { ...TERM, number: 8 }, until: monotonic(100) } };
  store.save(next);
  expect(start().load()).toEqual(next);
});

test('the end of a promise is refused without the promise', () => {
  expect(() => start().savePromise(monotonic(1))).toThrow('after the promise');
  const store = start();
  store.save({ ...MEMORY, promise: undefined });
  expect(() => store.savePromise(monotonic(1))).toThrow('after the promise');
});

describe('after a crash', () => {
  test('a memory cut off anywhere or with any byte changed is none', () => {
    start().save(MEMORY);
    const content = readFileSync(file('controller-memory'));
    assert(
      property(nat(content.length - 1), integer({ min: 1, max: 255 }), (at, flip) => {
        for (const torn of [content.subarray(0, at), content.with(at, (content[at] ?? 0) ^ flip)]) {
          writeFileSync(file('controller-memory'), torn);
          expect(start().load()).toBeUndefined();
        }
      }),
    );
  });

  test('a torn end of the promise leaves the one that was saved with the memory', () => {
    const store = start();
    store.save(MEMORY);
    store.savePromise(monotonic(9000));
    const record = readFileSync(file('controller-promise'));
    for (let at = 0; at < record.length; at++) {
      writeFileSync(file('controller-promise'), record.with(at, (record[at] ?? 0) ^ 0x10));
      expect(start().load()).toEqual(MEMORY);
    }
  });
});

test('the files are for the owner alone, and beside those of an agent', () => {
  const store = start();
  store.save(MEMORY);
  store.savePromise(monotonic(1));
  expect(readdirSync(directory).toSorted()).toEqual(['controller-memory', 'controller-promise']);
  expect(readdirSync(directory).map((name) => statSync(file(name)).mode & 0o777)).toEqual([0o600, 0o600]);
});
