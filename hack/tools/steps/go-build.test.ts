import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FakeMachine } from '../fixture.ts';
import { fromGoBuild } from './go-build.ts';

const request = { name: 'widget', minVersion: '1.2.0' };
let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.dispose());

describe('go build', () => {
  it('builds the pinned module into the cache', async () => {
    machine.fakeGo('3.0.0');
    const path = join(machine.cacheDir, 'widget', '3.0.0', 'widget');
    expect(await fromGoBuild(machine.context(), request)).toEqual({
      kind: 'found',
      tool: { name: 'widget', path, version: '3.0.0', source: 'go build' },
    });
    expect(machine.goCalls()).toEqual([
      expect.stringMatching(/^0 build -trimpath -ldflags=-X version=3\.0\.0 -o \S+ example\.test\/widget$/),
    ]);
    expect(machine.lines[0]).toContain('building widget 3.0.0');
  });

  it('says that Go is missing', async () => {
    expect(await fromGoBuild(machine.context(), request)).toEqual({
      kind: 'none',
      reason: 'the program "go" is not on PATH',
    });
  });

  it('repeats what the compiler said, and leaves nothing behind', async () => {
    machine.script(join(machine.bin, 'go'), '[ "$1" = version ] || { echo "go.mod requires go >= 99" >&2; exit 1; }');
    expect(await fromGoBuild(machine.context(), request)).toEqual({
      kind: 'none',
      reason: 'go build failed: go.mod requires go >= 99',
    });
    expect(existsSync(join(machine.cacheDir, 'widget'))).toBe(false);
  });

  it('is not tried for a version newer than the pinned one', async () => {
    machine.fakeGo('3.0.0');
    expect(await fromGoBuild(machine.context(), { ...request, minVersion: '3.1.0' })).toMatchObject({
      reason: 'the pinned module 3.0.0 is older than 3.1.0',
    });
  });
});
