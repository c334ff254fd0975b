import { describe, expect, test } from '@jest/globals';
import { isNodeName, isPoolName, parseManifests } from './manifest-text.ts';

const pool = (name: string, spec = 'spec: { addresses: [192.0.2.10] }'): string =>
  `apiVersion: vippool.io/v1alpha1\nkind: VipPool\nmetadata: { name: ${name} }\n${spec}\n`;
const healthy = { problems: [] };

test('documents of a file, with the lines of their kinds', () => {
  const text = `# pools of the NAS\n---\n${pool('nas')}---\n# nothing\n---\n${pool('db')}`;
  expect(parseManifests(text)).toEqual({
    manifests: [
      { kind: 'VipPool', name: 'nas', line: 4, spec: { addresses: ['192.0.2.10'] } },
      { kind: 'VipPool', name: 'db', line: 11, spec: { addresses: ['192.0.2.10'] } },
    ],
    ...healthy,
  });
});

test('a NodeHealth needs no spec', () => {
  const text = 'apiVersion: vippool.io/v1alpha1\nkind: NodeHealth\nmetadata: { name: node-a.example.com }\n';
  expect(parseManifests(text)).toMatchObject({ manifests: [{ kind: 'NodeHealth', name: 'node-a.example.com' }] });
});

test('anchors and CRLF are fine', () => {
  const text = pool('nas', 'spec:\n  addresses: &a [192.0.2.10]\n  exclude: *a').replaceAll('\n', '\r\n');
  expect(parseManifests(text).manifests[0]?.spec).toEqual({ addresses: ['192.0.2.10'], exclude: ['192.0.2.10'] });
});

test('a syntax error takes the whole file, and names line and reason', () => {
  const { manifests, problems } = parseManifests(
    `${pool('nas')}---\n${pool('db', 'spec: { addresses: [192.0.2.20 }')}`,
  );
  expect(manifests).toEqual([]);
  expect(problems).toEqual([{ line: 9, message: expect.stringMatching(/^not valid YAML: ./), mayHidePool: true }]);
});

test.each([
  ['a key twice', 'spec: {}\nspec: {}', 5, 'not valid YAML: Map keys must be unique'],
  ['a tab', 'spec:\n\taddresses: []', 5, 'not valid YAML'],
  ['no spec', '', 3, 'VipPool "nas" has no spec: write "spec:" with at least "addresses:"'],
  ['an empty spec', 'spec:', 3, 'has no spec'],
])('%s is told with its line', (_, spec, line, message) => {
  const { manifests, problems } = parseManifests(pool('nas', spec));
  expect(manifests).toEqual([]);
  expect(problems).toEqual([{ line, message: expect.stringContaining(message), mayHidePool: true }]);
});

describe('a document that is no manifest of ours', () => {
  test.each([
    ['empty file', '', 1, 'the file is empty', true],
    ['blank file', ' \n\n', 1, 'the file is empty', true],
    ['text', 'hello\n', 1, 'not a manifest', true],
    ['list', '- a\n', 1, 'not a manifest', true],
    ['no kind', 'apiVersion: vippool.io/v1alpha1\n', 1, 'apiVersion or kind is missing', true],
    ['kind of another API', 'apiVersion: v1\nkind: Service\n', 2, 'kind Service (v1) does not belong here', false],
    [
      'unknown kind',
      'apiVersion: vippool.io/v1alpha1\nkind: VipPol\n',
      2,
      'kind VipPol is not known: write VipPool',
      true,
    ],
    ['unknown version', '\napiVersion: vippool.io/v9\nkind: VipPool\n', 2, 'write vippool.io/v1alpha1', true],
    ['no name', 'apiVersion: vippool.io/v1alpha1\nkind: VipPool\nmetadata: {}\n', 3, 'metadata.name is missing', true],
    ['a number as name', 'apiVersion: vippool.io/v1alpha1\nkind: VipPool\nmetadata:\n  name: 1\n', 4, 'as text', true],
  ])('%s', (_, text, line, message, mayHidePool) => {
    expect(parseManifests(text).problems).toEqual([{ line, message: expect.stringContaining(message), mayHidePool }]);
  });

  test.each(['Nas', '-nas', 'nas-', 'n.as', '../nas', 'n'.repeat(64)])('name %s', (name) => {
    expect(parseManifests(pool(`"${name}"`)).problems[0]?.message).toContain(`metadata.name "${name}" is not valid`);
  });
});

test('good documents of a file with a bad one are still read', () => {
  const { manifests, problems } = parseManifests(`${pool('nas')}---\napiVersion: v1\nkind: Service\n`);
  expect(manifests).toHaveLength(1);
  expect(problems).toHaveLength(1);
});

test('aliases that would fill the memory are refused', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (let depth = 1; depth < 9; depth++) {
    const [name, previous] = [depth, depth - 1].map((index) => String.fromCharCode(97 + index));
    bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${previous}`).join(', ')}]`);
  }
  expect(parseManifests(`${bomb.join('\n')}\n`).problems[0]?.message).toContain('not a manifest');
});

test('names', () => {
  expect(['a', 'nas-1', 'n'.repeat(63)].every(isPoolName)).toBe(true);
  expect(['node-a', 'node-a.example.com', '1'].every(isNodeName)).toBe(true);
  expect(['', '../x', 'a..b', 'a/b', 'A', 'a'.repeat(254)].some(isNodeName)).toBe(false);
});
