import { describe, expect, it } from '@jest/globals';
import { readSources, type SourceFile } from '../hack/source/files.ts';
import { forbiddenInAgent, MAX_MEDIAN_LINES, medianLines, tooLong, wrongDirections } from './testing/layering.ts';

const source = readSources(['src']);
const written = readSources(['src', 'hack', 'e2e', 'bench']);
const file = (path: string, text: string): SourceFile => ({ path, text });

describe('this repository', () => {
  it('was read', () => {
    expect(source.map(({ path }) => path)).toContain('src/layering.test.ts');
  });

  it('imports in the directions of the architecture', () => {
    expect(wrongDirections(source)).toEqual([]);
  });

  it('keeps the Kubernetes and etcd clients out of the agent', () => {
    expect(forbiddenInAgent(source)).toEqual([]);
  });

  it('has no long files', () => {
    expect(tooLong(written)).toEqual([]);
    expect(medianLines(written)).toBeLessThanOrEqual(MAX_MEDIAN_LINES);
  });
});

describe('a planted import is found', () => {
  it.each([
    ['src/core/a.ts', `import x from 'yaml';`, 'core is pure'],
    ['src/core/a.ts', `import { readFileSync } from 'node:fs';`, 'core is pure'],
    ['src/core/a.ts', `import type { Clock } from '../ports/clock.ts';`, 'core does not import ports'],
    ['src/core/a.ts', `export { x } from '../app/x.ts';`, 'core does not import app'],
    ['src/core/deep/a.ts', `export * from '../../config/x.ts';`, 'core does not import config'],
    ['src/core/a.ts', `const x = await import('../adapters/etcd/x.ts');`, 'core does not import adapters'],
    ['src/core/a.ts', `const x = require('etcd3');`, 'core is pure'],
    ['src/core/a.ts', `type X = import('../app/x.ts').X;`, 'core does not import app'],
    ['src/ports/a.ts', `import type { X } from '../app/x.ts';`, 'ports does not import app'],
    ['src/ports/a.ts', `import { x } from '../core/x.ts';`, 'types only'],
    ['src/ports/a.ts', `import { type X } from '../core/x.ts';`, 'types only'],
    ['src/ports/a.ts', `import type { X } from 'etcd3';`, 'ports import only core'],
    ['src/app/a.ts', `import { x } from '../adapters/etcd/x.ts';`, 'app does not import adapters'],
    ['src/app/a.ts', `import { x } from '../config/x.ts';`, 'app does not import config'],
    ['src/adapters/etcd/a.ts', `import { x } from '../../app/x.ts';`, 'adapters does not import app'],
    ['src/adapters/etcd/a.ts', `import { x } from '../system/x.ts';`, 'do not import one another'],
    ['src/adapters/etcd/a.ts', `import { x } from '../../gen/x.ts';`, 'only adapters/grpc'],
    ['src/bin/a.ts', `import { x } from '../gen/x.ts';`, 'only adapters/grpc'],
    ['src/bin/a.ts', `import { x } from '../testing/x.ts';`, 'bin does not import testing'],
    ['src/config/a.ts', `import { x } from '../app/x.ts';`, 'config does not import app'],
    ['src/bin/a.ts', `import { x } from '../../hack/x.ts';`, 'nothing outside src'],
    ['src/util/a.ts', `import { x } from './b.ts';`, 'no known layer'],
  ])('%s: %s', (path, text, reason) => {
    expect(wrongDirections([file(path, text)])).toEqual([expect.stringContaining(reason)]);
  });
});

describe('an import in the right direction is not', () => {
  it.each([
    ['src/core/a.ts', `import { x } from './deep/x.ts';`],
    ['src/ports/a.ts', `import type { X } from '../core/x.ts';\nimport type { Y } from './y.ts';`],
    ['src/app/a.ts', `import type { X } from '../ports/x.ts';\nimport { y } from '../core/y.ts';`],
    ['src/adapters/grpc/deep/a.ts', `import { x } from '../../../gen/x.ts';\nimport y from '../y.ts';`],
    ['src/adapters/etcd/a.ts', `import { Etcd3 } from 'etcd3';\nimport fs from 'node:fs';`],
    ['src/bin/a.ts', `import x from '../adapters/etcd/x.ts';\nimport y from '../config/y.ts';`],
    ['src/core/a.test.ts', `import fc from 'fast-check';`],
    ['src/testing/a.ts', `import x from '../adapters/etcd/x.ts';`],
  ])('%s: %s', (path, text) => {
    expect(wrongDirections([file(path, text)])).toEqual([]);
  });
});

describe('the agent', () => {
  const entry = file('src/bin/agent.ts', `import { x } from '../adapters/link/x.ts';`);

  it('is followed to a forbidden package, however far away', () => {
    expect(forbiddenInAgent([entry, file('src/adapters/link/x.ts', `export { Etcd3 as x } from 'etcd3';`)])).toEqual([
      'src/bin/agent.ts -> src/adapters/link/x.ts -> etcd3',
    ]);
    expect(
      forbiddenInAgent([file('src/app/agent/a.ts', `import x from '@kubernetes/client-node/dist/x.js';`)]),
    ).toEqual(['src/app/agent/a.ts -> @kubernetes/client-node/dist/x.js']);
  });

  it('may use their types, and other entry points may load them', () => {
    expect(
      forbiddenInAgent([
        entry,
        file('src/adapters/link/x.ts', `import type { Etcd3 } from 'etcd3';`),
        file('src/bin/controller.ts', `import { Etcd3 } from 'etcd3';`),
      ]),
    ).toEqual([]);
  });
});

describe('the size of files', () => {
  it('is measured in lines of hand-written files', () => {
    const long = 'x;\n'.repeat(401);
    expect(tooLong([file('src/core/a.ts', long)])).toEqual(['src/core/a.ts has 401 lines, more than 400']);
    expect(tooLong([file('src/core/a.ts', 'x;\n'.repeat(400)), file('src/gen/b.ts', long)])).toEqual([]);
  });

  it('has a median without tests and generated files', () => {
    const lines = (n: number): string => 'x;\n'.repeat(n);
    expect(
      medianLines([
        file('src/a.ts', lines(10)),
        file('src/b.ts', lines(30)),
        file('src/c.ts', lines(20)),
        file('src/c.test.ts', lines(300)),
        file('src/core/types.gen.ts', lines(300)),
      ]),
    ).toBe(20);
  });
});
