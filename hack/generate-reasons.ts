// Writes docs/reference/reasons.md from the comments in src/core/reasons.ts.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reasonsReference } from './generate/reasons-reference.ts';
import { REPOSITORY } from './source/files.ts';

writeFileSync(join(REPOSITORY, 'docs/reference/reasons.md'), reasonsReference());
