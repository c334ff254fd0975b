import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from './command.ts';
import { callOf, commandHelp, optionsOf, overview } from './help.ts';
import { fileKeyOf, variableOf } from './option.ts';

describe.each(COMMANDS)('help of $name', (command) => {
  const text = commandHelp('vippool', command);

  test('names every option with its variable and key', () => {
    for (const option of optionsOf(command)) {
      expect(text).toContain(`--${option.flag} ${option.type.placeholder}`);
      expect(text).toContain(variableOf(option.flag));
      if (option.flag !== 'config') expect(text).toContain(fileKeyOf(option.flag));
    }
  });

  test('fits into 100 columns', () => {
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  test('has no trailing spaces', () => {
    expect(text.split('\n').filter((line) => line.endsWith(' '))).toEqual([]);
  });

  test('every default is a value that the option accepts', () => {
    for (const { default: fallback, type } of optionsOf(command)) {
      if (fallback.kind === 'text') expect(type.read([fallback.text])).toMatchObject({ ok: true });
    }
  });

  test('no two options share a name', () => {
    const names = optionsOf(command).flatMap(({ flag, short = flag }) => (short === flag ? [flag] : [flag, short]));
    expect(new Set([...names, 'h', 'V', 'help', 'version']).size).toBe(names.length + 4);
  });
});

test('the overview shows every command under the name of the program', () => {
  const text = overview('kubectl vip');
  expect(text).toContain('Usage: kubectl vip COMMAND [options]');
  const flat = text.replaceAll(/\s+/g, ' ');
  for (const command of COMMANDS) expect(flat).toContain(`${callOf(command)} ${command.summary}`);
});

test('the layout: option, meaning and default in one column', () => {
  const [, , , who] = COMMANDS;
  expect(commandHelp('vippool', who)).toContain(
    [
      'Usage: vippool who IP [options]',
      '',
      '  IP                                 The VIP, IPv4 or IPv6.',
      '',
      'Options, each with its environment variable and its key in the file of --config. A flag wins over',
      'the variable, the variable over the file, the file over the default.',
      '',
      '  --source kubernetes|dir:PATH       Where to read: the Kubernetes API, or the directory of',
      '                                     manifests that a controller works on.',
      '                                     Default: kubernetes. (VIPPOOL_SOURCE, source)',
    ].join('\n'),
  );
});
