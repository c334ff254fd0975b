import { describe, expect, test } from '@jest/globals';
import { poolName } from '../../src/core/ids.ts';
import { parseNodeSettings } from '../../src/core/node-settings.ts';
import { parsePool } from '../../src/core/pool-spec.ts';
import type { Parsed } from '../../src/core/pool.ts';
import { parseTask } from '../../src/core/tasks/task-spec.ts';
import { badManifests, goodManifests, type Manifest } from './manifests.ts';

function parseManifest({ object }: Manifest): Parsed<unknown> {
  const { kind, metadata, spec } = object;
  if (kind === 'NodeHealth') return parseNodeSettings(spec);
  if (kind === 'VipTask') return parseTask(spec);
  return parsePool({ name: poolName(metadata.name), generation: 1, createdAt: '2026-11-21T10:00:00Z', spec });
}

describe('without an API server', () => {
  test('enough manifests are there', () => {
    expect(goodManifests().length).toBeGreaterThanOrEqual(30);
    expect(badManifests().length).toBeGreaterThanOrEqual(30);
  });

  test.each(goodManifests().map((manifest) => [manifest.name, manifest] as const))('accepts %s', (_, manifest) => {
    expect(parseManifest(manifest)).toMatchObject({ ok: true });
  });

  test.each(badManifests().map((manifest) => [manifest.name, manifest] as const))('refuses %s', (_, manifest) => {
    const parsed = parseManifest(manifest);
    const said = parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
    expect(said).toEqual(manifest.says);
  });
});
