import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { assert, integer, nat, property } from 'fast-check';
import { controllerId, epoch, incarnation, nodeName, poolName, vipAddress } from '../../core/ids.ts';
import { monotonic, NEVER } from '../../core/time.ts';
import type { AgentMemory } from '../../ports/agent-memory.ts';
import { attempt } from './file-errors.ts';
import { FileAgentMemory } from './file-agent-memory.ts';

const LEASE = { incarnation: incarnation('1f2e3d'), epoch: epoch(3) };
const TERM = { number: 7, instance: { id: controllerId('c0'), priority: 0, address: '192.0.2.1', nonce: 'ab' } };

const MEMORY: AgentMemory = {
  bootId: 'boot-1',
  lease: LEASE,
  highestTerm: TERM,
  assignment: {
    term: TERM,
    version: 4,
    node: nodeName('node-a'),
    lease: LEASE,
    vips: [
      {
        vip: vipAddress('2001:db8::10'),
        pool: poolName('näs'),
        interface: 'eth1',
        prefixLength: 128,
        announce: { count: 5, intervalMs: 1100, refreshMs: 0 },
      },
    ],
    probes: [{ vip: vipAddress('2001:db8::10'), formerMacs: ['02:00:00:00:00:07'], insistent: false }],
    holdPools: [
      {
        name: poolName('näs'),
        members: [
          { node: nodeName('node-a'), addresses: [] },
          { node: nodeName('node-b'), addresses: ['10.0.0.2:7481', '[2001:db8::2]:7481'] },
        ],
      },
    ],
  },
  leaseSince: monotonic(100.25),
  leaseValidUntil: monotonic(1234.5),
};

let directory: string;
const open: FileAgentMemory[] = [];

/** The store of a process that has just started. */
function start(bootId = 'boot-1', path = directory): FileAgentMemory {
  const store = new FileAgentMemory(path, bootId);
  open.push(store);
  return store;
}

const file = (name: string): string => join(directory, name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vippool-memory-'));
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
    const nothing: AgentMemory = {
      ...MEMORY,
      highestTerm: undefined,
      assignment: undefined,
      leaseSince: undefined,
      leaseValidUntil: NEVER,
    };
    start().save(nothing);
    expect(start().load()).toEqual(nothing);
  });

  test('the end of the lease, whichever call said it last', () => {
    const store = start();
    store.save(MEMORY);
    store.saveLease(monotonic(2000.125));
    store.saveLease(monotonic(1999));
    expect(start().load()).toEqual({ ...MEMORY, leaseValidUntil: 1999 });
    store.save(MEMORY);
    expect(start().load()).toEqual(MEMORY);
  });

  test('a lease saved after loading', () => {
    start().save(MEMORY);
    const second = start();
    second.load();
    second.saveLease(monotonic(5000));
    expect(start().load()).toEqual({ ...MEMORY, leaseValidUntil: 5000 });
  });

  test('in a directory that did not exist', () => {
    const path = file('a/b');
    start('boot-1', path).save(MEMORY);
    expect(start('boot-1', path).load()).toEqual(MEMORY);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });
});

describe('what is not loaded', () => {
  test('nothing saved', () => {
    expect(start().load()).toBeUndefined();
  });

  test('memory of another boot', () => {
    start().save(MEMORY);
    expect(start('boot-2').load()).toBeUndefined();
  });

  test('a lease of the same process before its memory changed', () => {
    const store = start();
    store.save(MEMORY);
    store.saveLease(monotonic(9000));
    const next: AgentMemory = { ...MEMORY, lease: { ...LEASE, epoch: epoch(4) }, leaseValidUntil: NEVER };
    store.save(next);
    expect(start().load()).toEqual(next);
  });

  test('a lease of an incarnation whose memory was deleted', () => {
    const store = start();
    store.save(MEMORY);
    store.saveLease(monotonic(9000));
    rmSync(file('agent-memory'));
    const next = { ...MEMORY, lease: { incarnation: incarnation('other'), epoch: epoch(3) } };
    start().save(next);
    expect(start().load()).toEqual(next);
  });
});

describe('after a crash', () => {
  test('between writing the new file and renaming it, the old memory stands', () => {
    const store = start();
    store.save(MEMORY);
    store.saveLease(monotonic(2000));
    writeFileSync(file('agent-memory.new'), readFileSync(file('agent-memory')).subarray(0, 99));
    const next = start();
    expect(next.load()).toEqual({ ...MEMORY, leaseValidUntil: 2000 });
    next.save({ ...MEMORY, leaseValidUntil: monotonic(1) });
    expect(start().load()?.leaseValidUntil).toBe(1);
    expect(readdirSync(directory).toSorted()).toEqual(['agent-lease', 'agent-memory']);
  });

  test('a memory cut off anywhere is none', () => {
    start().save(MEMORY);
    const content = readFileSync(file('agent-memory'));
    for (let length = 0; length < content.length; length++) {
      writeFileSync(file('agent-memory'), content.subarray(0, length));
      expect(start().load()).toBeUndefined();
    }
  });

  test('a memory with any byte changed is none', () => {
    start().save(MEMORY);
    const content = readFileSync(file('agent-memory'));
    assert(
      property(nat(content.length - 1), integer({ min: 1, max: 255 }), (at, flip) => {
        writeFileSync(file('agent-memory'), content.with(at, (content[at] ?? 0) ^ flip));
        expect(start().load()).toBeUndefined();
      }),
    );
  });

  test('a lease record cut off or changed at any byte leaves the lease that was saved with the memory', () => {
    const store = start();
    store.save(MEMORY);
    store.saveLease(monotonic(9000));
    const record = readFileSync(file('agent-lease'));
    expect(record).toHaveLength(64);
    for (let at = 0; at < record.length; at++) {
      for (const torn of [record.subarray(0, at), record.with(at, (record[at] ?? 0) ^ 0x10)]) {
        writeFileSync(file('agent-lease'), torn);
        expect(start().load()).toEqual(MEMORY);
      }
    }
  });
});

test('the files are for the owner alone', () => {
  const store = start();
  store.save(MEMORY);
  store.saveLease(monotonic(1));
  expect(readdirSync(directory).map((name) => statSync(file(name)).mode & 0o777)).toEqual([0o600, 0o600]);
});

describe('errors', () => {
  test('a lease without memory is refused', () => {
    expect(() => start().saveLease(monotonic(1))).toThrow('after the memory it belongs to');
  });

  test('what cannot be written is named, with what to do', () => {
    writeFileSync(file('plain'), '');
    expect(() => start('boot-1', file('plain')).save(MEMORY)).toThrow(
      expect.objectContaining({ code: 'Unavailable', message: expect.stringContaining('(--state-dir)') }),
    );
  });

  test('what cannot be read is named', () => {
    writeFileSync(file('plain'), '');
    expect(() => start('boot-1', file('plain')).load()).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(`cannot read ${file('plain/agent-memory')} (ENOTDIR)`),
      }),
    );
  });

  test.each([
    ['EACCES', 'PermissionDenied'],
    ['EROFS', 'PermissionDenied'],
    ['ENOSPC', 'Unavailable'],
  ])('%s is %s', (errno, code) => {
    const fail = () => {
      throw Object.assign(new Error(errno), { code: errno });
    };
    expect(() => attempt('write', '/state/x', fail)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(`cannot write /state/x (${errno})`) }),
    );
  });
});
