import { expect, test } from '@jest/globals';
import { isManifestFile, ManifestFiles, type FileContent } from './manifest-files.ts';

const pool = (name: string, address = '192.0.2.10'): string =>
  `apiVersion: vippool.io/v1alpha1\nkind: VipPool\nmetadata: { name: ${name} }\nspec: { addresses: [${address}] }\n`;
const text = (content: string): FileContent => ({ kind: 'text', text: content, bornAt: '2026-01-01T00:00:00.000Z' });

/** "nas=192.0.2.10" for every pool, and the places of all problems. */
function view(files: ManifestFiles): { pools: string[]; problems: string[]; complete: boolean } {
  const { manifests, problems, complete } = files.declarations();
  const addressOf = (spec: unknown): string => String((spec as { addresses: string[] }).addresses[0]);
  return {
    pools: manifests.map(({ name, spec }) => `${name}=${addressOf(spec)}`),
    problems: problems.map(({ where }) => where),
    complete,
  };
}

function filesWith(contents: Record<string, string>): ManifestFiles {
  const files = new ManifestFiles();
  for (const [file, content] of Object.entries(contents)) files.put(file, text(content));
  return files;
}

test.each([
  ['nas.yaml', true],
  ['nas.yml', true],
  ['a.b.yaml', true],
  ['.nas.yaml', false],
  ['.nas.yaml.swp', false],
  ['.#nas.yaml', false],
  ['#nas.yaml#', false],
  ['nas.yaml~', false],
  ['nas.yaml.tmp', false],
  ['nas.json', false],
  ['4913', false],
  ['..data', false],
  ['.yaml', false],
])('%s is a manifest: %s', (name, expected) => expect(isManifestFile(name)).toBe(expected));

test('a broken edit keeps what the file declared, until it is mended', () => {
  const files = filesWith({ 'nas.yaml': pool('nas') });
  files.put('nas.yaml', text(`${pool('nas', '192.0.2.11')}---\n{`));
  expect(view(files)).toEqual({ pools: ['nas=192.0.2.10'], problems: ['nas.yaml:6'], complete: true });
  files.put('nas.yaml', text(pool('nas', '192.0.2.12')));
  expect(view(files)).toEqual({ pools: ['nas=192.0.2.12'], problems: [], complete: true });
});

test('one bad document keeps its pool, while the good ones are followed', () => {
  const files = filesWith({ 'all.yaml': `${pool('nas')}---\n${pool('db')}` });
  files.put('all.yaml', text(`${pool('nas', '192.0.2.11')}---\n${pool('db').replace('VipPool', 'VipPol')}`));
  expect(view(files)).toEqual({
    pools: ['nas=192.0.2.11', 'db=192.0.2.10'],
    problems: ['all.yaml:7'],
    complete: true,
  });
});

test('a document that is taken out of a good file takes its pool along', () => {
  const files = filesWith({ 'all.yaml': `${pool('nas')}---\n${pool('db')}` });
  files.put('all.yaml', text(pool('nas')));
  expect(view(files)).toEqual({ pools: ['nas=192.0.2.10'], problems: [], complete: true });
});

test.each([
  ['emptied', ''],
  ['cut after its comment', '# pools\n'],
])('a file that is %s, as by a writer at work, keeps its pools', (_, content) => {
  const files = filesWith({ 'nas.yaml': pool('nas') });
  files.put('nas.yaml', text(content));
  expect(view(files)).toEqual({ pools: ['nas=192.0.2.10'], problems: ['nas.yaml:1'], complete: true });
});

test('a file that was never valid makes the whole incomplete', () => {
  const files = filesWith({ 'db.yaml': pool('db'), 'nas.yaml': '{' });
  expect(view(files)).toEqual({ pools: ['db=192.0.2.10'], problems: ['nas.yaml:1'], complete: false });
  files.remove('nas.yaml');
  expect(view(files)).toEqual({ pools: ['db=192.0.2.10'], problems: [], complete: true });
});

test('an object of another API is a problem that hides nothing', () => {
  const files = filesWith({ 'nas.yaml': `${pool('nas')}---\napiVersion: v1\nkind: Service\n` });
  expect(view(files)).toEqual({ pools: ['nas=192.0.2.10'], problems: ['nas.yaml:7'], complete: true });
});

test('a file that cannot be read any more keeps what it declared', () => {
  const files = filesWith({ 'nas.yaml': pool('nas') });
  files.put('nas.yaml', { kind: 'unreadable', reason: 'EIO' });
  expect(view(files)).toEqual({ pools: ['nas=192.0.2.10'], problems: ['nas.yaml:1'], complete: true });
});

test('of two files that declare the same pool the first one by name counts', () => {
  const files = filesWith({ 'b.yaml': pool('nas', '192.0.2.2'), 'a.yaml': pool('nas', '192.0.2.1') });
  expect(view(files)).toEqual({ pools: ['nas=192.0.2.1'], problems: ['b.yaml:2'], complete: true });
  expect(files.declarations().problems[0]?.message).toBe(
    'VipPool "nas" is declared in a.yaml:2 already: remove one of the two',
  );
  files.remove('a.yaml');
  expect(view(files)).toEqual({ pools: ['nas=192.0.2.2'], problems: [], complete: true });
});

test('a file differs from another text, from no file and from an unreadable one', () => {
  const files = filesWith({ 'nas.yaml': pool('nas') });
  expect(files.differs('nas.yaml', text(pool('nas')))).toBe(false);
  expect(files.differs('nas.yaml', text(pool('db')))).toBe(true);
  expect(files.differs('nas.yaml', undefined)).toBe(true);
  expect(files.differs('nas.yaml', { kind: 'unreadable', reason: 'EIO' })).toBe(true);
  expect(files.differs('db.yaml', undefined)).toBe(false);
});
