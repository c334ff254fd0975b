import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DECLARED_CONDITIONS } from '../../src/core/condition-table.ts';
import { REPOSITORY } from '../source/files.ts';

const INTRODUCTION = `# Reason codes

Why something is as it is: the same word in the status of VIPs, conditions, the history of a pool, Events, logs and labels of
metrics. What to do about each condition is in [operations](../operations.md#what-the-conditions-mean).

| reason | means | in conditions |
|---|---|---|
`;

/** Every code with the comment above it. @throws Error naming a code that has none */
export function reasonsReference(): string {
  const source = readFileSync(join(REPOSITORY, 'src/core/reasons.ts'), 'utf8');
  const documented = [...source.matchAll(/\/\*\* (.+?) \*\/\n {2}(\w+): '\2',/g)].map(([, text, name]) => ({
    text,
    name,
  }));
  const known = new Set(documented.map(({ name }) => name));
  const bare = [...source.matchAll(/^ {2}(\w+): '/gm)].filter(([, name]) => !known.has(name)).map(([, name]) => name);
  if (bare.length > 0) throw new Error(`src/core/reasons.ts: write a comment above ${bare.join(', ')}`);
  const rows = documented.map(
    ({ name, text }) => `| ${anchorOf(name)}\`${name}\` | ${text} | ${conditionsWith(name).join(', ')} |\n`,
  );
  return INTRODUCTION + rows.join('');
}

/** "pool `Ready=False`" */
const conditionsWith = (name = ''): string[] =>
  DECLARED_CONDITIONS.filter(({ reason }) => reason === name).map(
    ({ kind, type, status }) => `${OBJECTS[kind]} \`${type}=${status}\``,
  );

const OBJECTS: Readonly<Record<string, string>> = { VipPool: 'pool', NodeHealth: 'node' };

/** Other pages link to single codes. */
const anchorOf = (name = ''): string => `<a id="${name.toLowerCase()}"></a>`;
