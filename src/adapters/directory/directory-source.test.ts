import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { sourceContract } from '../../testing/contract/source.contract.ts';
import { realClock, realRandom } from '../../testing/real-time.ts';
import { DirectorySource } from './directory-source.ts';

sourceContract('directory', async () => {
  const path = await mkdtemp(join(tmpdir(), 'vippool-directory-'));
  const manifest = (name: string, spec: unknown): string =>
    stringify({ apiVersion: 'vippool.io/v1alpha1', kind: 'VipPool', metadata: { name }, spec });
  return {
    newSource: () => new DirectorySource({ path, clock: realClock, random: realRandom }),
    apply: (name, spec) => writeFile(join(path, `${name}.yaml`), manifest(name, spec)),
    remove: (name) => rm(join(path, `${name}.yaml`)),
    dispose: () => rm(path, { recursive: true, force: true }),
  };
});
