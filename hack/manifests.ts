// Writes deploy/install.yaml, the chart for those who do not use Helm. Needs helm (make tools).
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEPLOY, plainManifest } from './chart/plain-manifest.ts';
import { REPOSITORY } from './source/files.ts';

writeFileSync(join(REPOSITORY, DEPLOY, 'install.yaml'), plainManifest());
