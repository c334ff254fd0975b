import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { COMMANDS } from './command.ts';
import { completionScript, kubectlCompletion } from './completion.ts';
import { optionsOf } from './help.ts';

/** What bash offers for these words, the last of which is not finished. */
function offered(...words: readonly string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(vippool ${line}); COMP_CWORD=${words.length}; _vippool; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `${completionScript('bash')}\n${ask}`], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash completes commands', () => {
  expect(offered('dr')).toEqual(['drain']);
  expect(offered('')).toEqual([...COMMANDS.map(({ name }) => name), 'help', 'version']);
});

test('bash completes the options of the command, and values of which there are few', () => {
  expect(offered('move', '192.0.2.10', 'node-a', '--no')).toEqual(['--no-wait']);
  expect(offered('move', '--no')).toEqual(['--no-wait']);
  expect(offered('status', '--no')).toEqual([]);
  expect(offered('history', '-o', '')).toEqual(['table', 'wide', 'json', 'yaml']);
  expect(offered('completion', 'z')).toEqual(['zsh']);
  expect(offered('help', 'sim')).toEqual(['simulate']);
});

test.each([
  [['']],
  [['dr']],
  [['move', '192.0.2.10', 'node-a', '--no']],
  [['status', '--no']],
  [['history', '-o', '']],
  [['completion', 'z']],
  [['help', 'sim']],
  [['nonsense', '']],
  ...COMMANDS.map(({ name }) => [[name, '']]),
])('kubectl is offered for %j what bash is', (words) => {
  const lines = kubectlCompletion(words).split('\n');
  expect(lines.splice(-2)).toEqual([offered(...words).length > 0 ? ':4' : ':0', '']);
  expect(lines).toEqual(offered(...words));
});

test.each(COMMANDS.map((command) => [command.name, command] as const))(
  'fish knows every option of %s',
  (name, command) => {
    const lines = completionScript('fish')
      .split('\n')
      .filter((line) => line.includes(`__fish_seen_subcommand_from ${name}'`));
    for (const { flag } of optionsOf(command))
      expect(lines.filter((line) => line.includes(` -l ${flag} `))).toHaveLength(1);
  },
);

test('zsh reads what is made for bash', () => {
  const script = completionScript('zsh');
  expect(script.startsWith('#compdef vippool\n')).toBe(true);
  expect(script.endsWith(completionScript('bash'))).toBe(true);
});
