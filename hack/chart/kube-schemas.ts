// Makes the schemas that the tests of the chart validate with, in the cache of the tools.
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { withScratch } from '../tools/cache.ts';
import { defaultContext } from '../tools/context.ts';
import { run, tail } from '../tools/run.ts';
import { customSchemas, kubernetesSchemas, type SchemaFile } from './json-schemas.ts';

interface Source {
  /** A Go module: the module proxy has it, and its checksum is known for good. */
  readonly module: string;
  readonly version: string;
  readonly sum: string;
  readonly read: (folder: string) => readonly SchemaFile[];
}

const SOURCES: readonly Source[] = [
  {
    module: 'k8s.io/kubernetes',
    version: 'v1.36.3',
    sum: 'h1:qDQdoMiluAE2Eab6Fa52YV+WjiGz9mZFFoagEA6cI+o=',
    read: (folder) =>
      kubernetesSchemas(JSON.parse(readFileSync(join(folder, 'api/openapi-spec/swagger.json'), 'utf8'))),
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    read: (folder) => definitionsIn(join(folder, 'example/prometheus-operator-crd')),
  },
  {
    module: 'github.com/cert-manager/cert-manager',
    version: 'v1.21.2',
    sum: 'h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=',
    read: (folder) => definitionsIn(join(folder, 'deploy/crds')),
  },
];

/** Where the schemas are, or will be: the name has the versions, so that a new one is made anew. */
export const schemaFolder = (): string =>
  join(defaultContext().cacheDir, 'kube-schemas', SOURCES.map(({ version }) => version).join('-'));

export const missingSchemas = (): string | undefined =>
  existsSync(schemaFolder()) ? undefined : 'needs the schemas of Kubernetes (make tools makes them, with Go)';

/** @throws Error with the reason where they cannot be made. */
export async function makeSchemas(): Promise<string> {
  const folder = schemaFolder();
  if (existsSync(folder)) return folder;
  const { cacheDir, env } = defaultContext();
  await withScratch(cacheDir, async (scratch) => {
    for (const source of SOURCES) {
      const name = `${source.module}@${source.version}`;
      const { code, output } = await run('go', ['mod', 'download', '-json', name], { cwd: scratch, env: { ...env } });
      if (code !== 0) throw new Error(`go mod download ${name} failed: ${tail(output)}`);
      const { Dir, Sum } = JSON.parse(output) as { readonly Dir: string; readonly Sum: string };
      if (Sum !== source.sum) throw new Error(`${name} has the checksum ${Sum}, not ${source.sum}`);
      for (const file of source.read(Dir)) writeFileSync(join(scratch, file.name), JSON.stringify(file.content));
    }
    mkdirSync(join(folder, '..'), { recursive: true });
    renameSync(scratch, folder);
  });
  return folder;
}

const definitionsIn = (folder: string): readonly SchemaFile[] =>
  globSync('*.yaml', { cwd: folder }).flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).flatMap((document) => customSchemas(document.toJS())),
  );
