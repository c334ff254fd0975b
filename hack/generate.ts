// Writes all generated files. With --verify: fails when they are not as generated, and writes nothing.
import { findDrift } from './generate/drift.ts';
import { generate, GENERATORS } from './generate/generators.ts';
import { REPOSITORY } from './source/files.ts';

try {
  if (process.argv.includes('--verify')) {
    const drift = findDrift(GENERATORS, REPOSITORY);
    for (const line of drift) console.error(line);
    if (drift.length > 0) throw new Error('generated files have drifted: run "make generate" and commit the result');
  } else {
    generate(GENERATORS, REPOSITORY);
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
