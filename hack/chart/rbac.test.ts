import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { sectionOf } from '../docs/markdown.ts';
import { REPOSITORY } from '../source/files.ts';
import { DEPLOY } from './plain-manifest.ts';

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');

/** What the ClusterRole of this name grants in the file: "VERB RESOURCE.GROUP". */
function granted(path: string, name: string): ReadonlySet<string> {
  const role = parseAllDocuments(read(path))
    .map((document) => document.toJS() as Role)
    .find((object) => object.kind === 'ClusterRole' && object.metadata.name === name);
  if (!role) throw new Error(`${path}: there is no ClusterRole "${name}"`);
  return new Set(
    role.rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${[resource, group].filter(Boolean).join('.')}`)),
      ),
    ),
  );
}

/** The same as a page tells it, in rows of who, resources and verbs. */
function told(section: string): ReadonlySet<string> {
  const rows = section.split('\n').filter((line) => line.startsWith('| controller |'));
  return new Set(
    rows.flatMap((row) => {
      const [, , resources = '', verbs = ''] = row.split('|');
      const names = [...resources.matchAll(/`([a-z./0-9]+)`/g)].map(([, name = '']) => name);
      const [group] = names.filter((name) => name.includes('.'));
      return names
        .filter((name) => name !== group)
        .flatMap((name) =>
          verbs.split(',').map((verb) => {
            const suffix = resources.includes('core group') ? '' : `.${group ?? 'vippool.io'}`;
            return `${verb.trim()} ${name}${suffix}`;
          }),
        );
    }),
  );
}

const CHART = join(DEPLOY, 'install.yaml');
const EXAMPLE = 'examples/kubernetes/rbac.yaml';

it('a controller has the same rights by the chart, by the example and by the manual', () => {
  const byChart = granted(CHART, 'vippool-controller');
  expect(byChart).toContain('get viptasks.vippool.io');
  expect(granted(EXAMPLE, 'vippool-controller')).toEqual(byChart);
  expect(told(sectionOf(read('docs/operations.md'), 'Rights in Kubernetes'))).toEqual(byChart);
});

it('whoever only looks has the same rights by the chart and by the example', () => {
  expect(granted(EXAMPLE, 'vippool-view')).toEqual(granted(CHART, 'vippool-view'));
});
