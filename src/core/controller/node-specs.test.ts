import { describe, expect, test } from '@jest/globals';
import { n } from '../../testing/core-builders.ts';
import type { NodeRecord } from '../manifest.ts';
import { NO_SETTINGS } from '../node-settings.ts';
import { readNodeSpecs, settingsOf } from './node-specs.ts';

const record = (spec: unknown): NodeRecord => ({ name: n('node-a'), spec, status: undefined });

describe('what is declared of nodes', () => {
  test('a node without a spec has no settings', () => {
    const specs = readNodeSpecs(undefined, [record(undefined), record(null)]);
    expect(specs.size).toBe(0);
    expect(settingsOf(specs, n('node-a'))).toBe(NO_SETTINGS);
  });

  test('a bad edit is told, and the last valid version stays in force', () => {
    const first = readNodeSpecs(undefined, [record({ maintenance: true })]);
    const second = readNodeSpecs(first, [record({ maintenance: 'no' })]);
    expect(settingsOf(second, n('node-a'))).toMatchObject({ maintenance: true });
    expect(second.get(n('node-a'))?.problems).toMatchObject([{ path: 'spec.maintenance' }]);
    const third = readNodeSpecs(second, [record({ maintenance: false })]);
    expect(third.get(n('node-a'))).toMatchObject({ settings: { maintenance: false }, problems: [] });
  });

  test('a first version that is wrong sets nothing', () => {
    const specs = readNodeSpecs(undefined, [record({ weight: -1 })]);
    expect(settingsOf(specs, n('node-a'))).toEqual(NO_SETTINGS);
    expect(specs.get(n('node-a'))?.problems).toHaveLength(1);
  });

  test('a host that is worked on stays empty for who has just started, whatever else is wrong', () => {
    const specs = readNodeSpecs(undefined, [record({ maintenance: true, weight: 200 })]);
    expect(settingsOf(specs, n('node-a'))).toEqual({ ...NO_SETTINGS, maintenance: true });
  });

  test('what did not change is not read again', () => {
    const spec = { weight: 50 };
    const first = readNodeSpecs(undefined, [record(spec)]);
    expect(readNodeSpecs(first, [record(spec)]).get(n('node-a'))).toBe(first.get(n('node-a')));
  });

  test('a spec that was removed sets nothing any more', () => {
    const first = readNodeSpecs(undefined, [record({ maintenance: true })]);
    expect(settingsOf(readNodeSpecs(first, [record(undefined)]), n('node-a'))).toBe(NO_SETTINGS);
  });
});
