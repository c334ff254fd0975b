import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeTarGz } from './tar-gz.ts';

const modifiedAt = new Date('2026-02-03T04:05:06.789Z');
const isWorthIt = (): boolean => true;
let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vippool-archive-'));
  path = join(directory, 'a.tar.gz');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const tar = (...words: readonly string[]): string =>
  execFileSync('tar', words, { encoding: 'utf8', env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } });

async function* files(texts: Readonly<Record<string, string>>): AsyncGenerator<{ path: string; text: string }> {
  for (const [name, text] of Object.entries(texts)) yield await Promise.resolve({ path: name, text });
}

test('tar reads names of every length, contents around a block, and times', async () => {
  const texts = {
    'a/empty.txt': '',
    'a/block.txt': 'b'.repeat(512),
    'a/more.txt': 'm'.repeat(513),
    'a/grüße.txt': 'schön\n',
    [`a/${'n'.repeat(98)}`]: 'hundred',
    [`a/${'n'.repeat(99)}`]: 'more than a hundred',
    [`${'p'.repeat(253)}/${'c'.repeat(60)}.log`]: 'long\n',
  };
  const bytes = await writeTarGz(files(texts), { path, modifiedAt, isWorthIt });
  expect((await stat(path)).size).toBe(bytes);
  expect(tar('--quoting-style=literal', '-tzf', path).trim().split('\n')).toEqual(Object.keys(texts));
  for (const [name, text] of Object.entries(texts)) expect(tar('-xzOf', path, name)).toBe(text);
  expect(tar('-tvzf', path, 'a/block.txt')).toMatch(/^-rw------- 0\/0 +512 2026-02-03 04:05 a\/block.txt\n$/);
});

test('only its owner may read it, and one of the same name is replaced', async () => {
  await writeTarGz(files({ old: 'old' }), { path, modifiedAt, isWorthIt });
  await writeTarGz(files({ new: 'new' }), { path, modifiedAt, isWorthIt });
  expect(tar('-tzf', path)).toBe('new\n');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('nothing is left of what is not worth it, of what fails, and of what cannot be written', async () => {
  await writeTarGz(files({ a: 'a' }), { path, modifiedAt, isWorthIt: () => false });
  async function* broken(): AsyncGenerator<{ path: string; text: string }> {
    yield await Promise.resolve({ path: 'a', text: 'a' });
    throw new Error('no more');
  }
  await expect(writeTarGz(broken(), { path, modifiedAt, isWorthIt })).rejects.toThrow('no more');
  expect(await readdir(directory)).toEqual([]);
  const nowhere = join(directory, 'no', 'a.tar.gz');
  await expect(writeTarGz(files({}), { path: nowhere, modifiedAt, isWorthIt })).rejects.toThrow(
    `cannot write ${nowhere}: ENOENT`,
  );
});
