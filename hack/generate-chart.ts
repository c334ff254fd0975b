// Writes what of the chart is made of other files: the CustomResourceDefinitions and the reference of its values.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crdTemplate } from './chart/crd-templates.ts';
import type { Schema } from './chart/schema.ts';
import { valuesReference } from './chart/values-reference.ts';
import { REPOSITORY } from './source/files.ts';

const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');
const write = (path: string, text: string): void => writeFileSync(join(REPOSITORY, path), text);

for (const file of readdirSync(join(REPOSITORY, 'crds'))) {
  write(`charts/vippool/templates/crds/${file}`, crdTemplate(read(`crds/${file}`)));
}
const schema = JSON.parse(read('charts/vippool/values.schema.json')) as Schema;
write('docs/reference/values.md', valuesReference(read('charts/vippool/values.yaml'), schema));
