import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { FakeMachine } from '../fixture.ts';
import { fromAssets, fromCache, fromPath, fromVariable, variableOf } from './lookup.ts';

const request = { name: 'widget', minVersion: '1.2.0' };
let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.dispose());

const toolAt = (path: string, version: string, source: string) => ({
  kind: 'found',
  tool: { name: 'widget', path, version, source },
});

describe('an explicit variable', () => {
  it('is named after the tool', () => {
    expect(variableOf('kube-apiserver')).toBe('VIPPOOL_KUBE_APISERVER');
  });

  it('names the program', () => {
    const path = machine.widget(join(machine.dir, 'mine'), '1.2.0');
    machine.env['VIPPOOL_WIDGET'] = path;
    expect(fromVariable(machine.context(), request)).toEqual(toolAt(path, '1.2.0', 'variable'));
  });

  it('is passed over when it is not set', () => {
    expect(fromVariable(machine.context(), request).kind).toBe('none');
  });

  it.each([
    ['nothing', 'is not an executable file', undefined],
    ['a program that is too old', 'is version 1.1.9, older than 1.2.0', 'echo v1.1.9'],
    ['a program without a version', 'does not tell its version', 'exit 1'],
  ])('that names %s ends the search', (_what, reason, body) => {
    const path = join(machine.dir, 'mine');
    if (body !== undefined) machine.script(path, body);
    machine.env['VIPPOOL_WIDGET'] = path;
    expect(fromVariable(machine.context(), request)).toEqual({
      kind: 'wrong',
      reason: `VIPPOOL_WIDGET: ${path} ${reason}`,
    });
  });
});

describe('KUBEBUILDER_ASSETS', () => {
  it('is a folder with the program', () => {
    const path = machine.widget(join(machine.dir, 'assets', 'widget'), '1.10.0');
    machine.env['KUBEBUILDER_ASSETS'] = join(machine.dir, 'assets');
    expect(fromAssets(machine.context(), request)).toEqual(toolAt(path, '1.10.0', 'KUBEBUILDER_ASSETS'));
  });

  it('is passed over when the folder has no such program', () => {
    machine.env['KUBEBUILDER_ASSETS'] = machine.dir;
    expect(fromAssets(machine.context(), request).kind).toBe('none');
  });
});

describe('PATH', () => {
  it('gives the first program that is new enough', () => {
    const first = join(machine.dir, 'first');
    machine.widget(join(first, 'widget'), '1.1.0');
    const second = machine.widget(join(machine.bin, 'widget'), '1.2.1');
    machine.env['PATH'] = `${first}:${machine.bin}`;
    expect(fromPath(machine.context(), request)).toEqual(toolAt(second, '1.2.1', 'PATH'));
  });

  it('is passed over with the version that was found', () => {
    const path = machine.widget(join(machine.bin, 'widget'), '1.1.0');
    expect(fromPath(machine.context(), request)).toEqual({
      kind: 'none',
      reason: `${path} is version 1.1.0, older than 1.2.0`,
    });
  });
});

describe('the cache', () => {
  it('gives the newest version, by number and not by text', () => {
    machine.widget(join(machine.cacheDir, 'widget', '1.9.0', 'widget'), '1.9.0');
    const newest = machine.widget(join(machine.cacheDir, 'widget', '1.10.0', 'widget'), '1.10.0');
    expect(fromCache(machine.context(), request)).toEqual(toolAt(newest, '1.10.0', 'cache'));
  });

  it('is passed over when every version is older than this request allows', () => {
    machine.widget(join(machine.cacheDir, 'widget', '1.9.0', 'widget'), '1.9.0');
    expect(fromCache(machine.context(), { ...request, minVersion: '2.0.0' }).kind).toBe('none');
  });
});
