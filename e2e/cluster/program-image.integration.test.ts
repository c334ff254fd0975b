import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith } from '../../src/testing/requirements.ts';
import { missingProgram } from '../../src/testing/missing.ts';
import { packProgram } from './program-image.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vippool-image-'));
  writeFileSync(join(folder, 'hello'), 'echo hello', { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (archive: string, file: string): Buffer => execFileSync('tar', ['-xOf', archive, `./${file}`]);
const json = (archive: string, file: string): unknown => JSON.parse(read(archive, file).toString());
const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly annotations?: object;
}

describeWith(missingProgram('tar'), 'an image of one program', () => {
  it('holds it, by digests that are right', () => {
    const archive = packProgram(join(folder, 'hello'), 'registry.invalid/hello:1', folder);
    const index = json(archive, 'index.json') as { manifests: [Descriptor] };
    expect(index.manifests[0].annotations).toEqual({ 'io.containerd.image.name': 'registry.invalid/hello:1' });
    const manifest = json(archive, blob(index.manifests[0].digest)) as { config: Descriptor; layers: [Descriptor] };
    for (const { digest, size } of [index.manifests[0], manifest.config, manifest.layers[0]]) {
      const bytes = read(archive, blob(digest));
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);
      expect(bytes.length).toBe(size);
    }
    const layer = read(archive, blob(manifest.layers[0].digest));
    expect(execFileSync('tar', ['-xOf', '-', './usr/local/bin/hello'], { input: layer }).toString()).toBe('echo hello');
    expect(json(archive, blob(manifest.config.digest))).toMatchObject({
      os: 'linux',
      config: { Entrypoint: ['/usr/local/bin/hello'] },
      rootfs: { diff_ids: [manifest.layers[0].digest] },
    });
  });

  it('is made once for the same program', () => {
    const archive = packProgram(join(folder, 'hello'), 'hello', folder);
    const { ino } = statSync(archive);
    expect(packProgram(join(folder, 'hello'), 'hello', folder)).toBe(archive);
    expect(statSync(archive).ino).toBe(ino);
    writeFileSync(join(folder, 'hello'), 'echo changed');
    expect(packProgram(join(folder, 'hello'), 'hello', folder)).not.toBe(archive);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(readFileSync(archive).length).toBeGreaterThan(0);
  });
});
