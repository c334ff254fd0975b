import { describe, expect, it } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInvocation } from '../../src/config/invocation.ts';
import { REPOSITORY } from '../source/files.ts';
import { commandsIn } from './markdown.ts';

const PAGES = globSync(['README.md', 'docs/*.md', 'examples/**/*.md'], { cwd: REPOSITORY }).sort();

/** What a command line says to the program, with names in the place of IP, NODE and the like. */
function answer(command: string): { readonly kind: string; readonly text?: string } {
  const words = command
    .replaceAll(/\bIP\b/g, '192.0.2.10')
    .split(/\s+/)
    .map((word) => (/^[A-Z]+$/.test(word) ? word.toLowerCase() : word));
  return readInvocation({
    argv: words,
    environment: {},
    host: { hostname: 'host' },
    program: 'vippool',
    version: '0',
    readFile: () => '',
  });
}

describe.each(PAGES)('%s', (page) => {
  const commands = commandsIn(readFileSync(join(REPOSITORY, page), 'utf8'));

  it('shows commands that there are', () => {
    const refused = commands.flatMap((command) => {
      // A command that is only named, as in "vippool certs", need not be complete.
      const said = /^\S+$/.test(command) ? answer(`${command} --help`) : answer(command);
      return said.kind === 'refused' ? [`vippool ${command}: ${said.text ?? ''}`] : [];
    });
    expect(refused).toEqual([]);
  });
});
