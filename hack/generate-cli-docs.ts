// Writes docs/reference/cli.md from the tables of options in src/config.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliReference } from './generate/cli-reference.ts';
import { REPOSITORY } from './source/files.ts';

const folder = join(REPOSITORY, 'docs/reference');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'cli.md'), cliReference());
