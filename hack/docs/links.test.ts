import { describe, expect, it } from '@jest/globals';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { REPOSITORY } from '../source/files.ts';
import { anchorsIn, linksIn } from './markdown.ts';

const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');
const PAGES = ['*.md', 'docs/**/*.md', 'examples/**/*.md', 'hack/**/*.md', 'spec/*.md']
  .flatMap((pattern) => globSync(pattern, { cwd: REPOSITORY }))
  .sort();

/** What is wrong with a link, or nothing. Links to other sites are not followed. */
function faultOf(page: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : relative(REPOSITORY, join(REPOSITORY, dirname(page), path));
  if (!existsSync(join(REPOSITORY, target))) return `${link}: no such file`;
  if (anchor === undefined || !target.endsWith('.md')) return undefined;
  return anchorsIn(read(target)).has(anchor) ? undefined : `${link}: no such heading`;
}

describe.each(PAGES)('%s', (page) => {
  it('has links that lead somewhere', () => {
    const faults = linksIn(read(page)).map((link) => faultOf(page, link));
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });
});

it('README.md leads to every page', () => {
  const links = linksIn(read('README.md')).map((link) => link.split('#')[0]);
  const pages = PAGES.filter((page) => page.startsWith('docs/') && !page.startsWith('docs/adr/'));
  expect(pages.filter((page) => !links.includes(page))).toEqual([]);
  expect(links).toContain('docs/adr');
});
