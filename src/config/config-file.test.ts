import { expect, test } from '@jest/globals';
import { AGENT_COMMAND } from './command.ts';
import { readConfigFile } from './config-file.ts';
import { optionsOf } from './help.ts';

const read = (content: string) => readConfigFile('a.yaml', content, optionsOf(AGENT_COMMAND));

/** Texts by flag. */
const textsOf = (content: string) => {
  const { given, problems } = read(content);
  expect(problems).toEqual([]);
  return Object.fromEntries(given.map(({ flag, texts }) => [flag, texts]));
};

test.each(['', '# nothing\n', '---\n', 'null\n'])('%j has no options', (content) => {
  expect(read(content)).toEqual({ given: [], problems: [] });
});

test('values keep the text of the file, whatever YAML makes of it', () => {
  expect(textsOf('leaseDuration: 010\nlogLevel: "no"\nonStop: no\nstateDir: 1e3\n')).toEqual({
    'lease-duration': ['010'],
    'log-level': ['no'],
    'on-stop': ['no'],
    'state-dir': ['1e3'],
  });
});

test('lists are sequences, mappings or text', () => {
  expect(textsOf('interfaces: [eth1, eth2]\nlabels: {role: nas, rack: 7}\ncontrollers: c0=h:1,c1=i:1\n')).toEqual({
    interfaces: ['eth1', 'eth2'],
    labels: ['role=nas', 'rack=7'],
    controllers: ['c0=h:1,c1=i:1'],
  });
});

test('anchors and aliases work', () => {
  expect(textsOf('leaseDuration: &lease 2s\nleaseMargin: *lease\n')['lease-margin']).toEqual(['2s']);
});

test.each([
  ['leaseDuration:', 'a.yaml:1: leaseDuration', 'has no value; write one, or remove the key'],
  ['\nleaseDuration: [1s]', 'a.yaml:2: leaseDuration', 'takes one value, not a list or mapping'],
  ['interfaces: []', 'a.yaml:1: interfaces', 'is empty; write at least one item, or remove the key'],
  [
    'interfaces: [[a]]',
    'a.yaml:1: interfaces',
    'has an item that is not plain text; write one text or number per item',
  ],
  ['interfaces: [~]', 'a.yaml:1: interfaces', 'has an item that is not plain text; write one text or number per item'],
  ['lease-duration: 1s', 'a.yaml:1: lease-duration', 'unknown key; did you mean leaseDuration?'],
  ['zzz: 1', 'a.yaml:1: zzz', 'unknown key'],
  ['[a]: 1', 'a.yaml:1: ["a"]', 'unknown key'],
  ['- a', 'a.yaml:1', 'not a mapping; write lines such as "logLevel: info"'],
])('%j', (content, path, message) => {
  expect(read(content)).toEqual({ given: [], problems: [{ path, message }] });
});

test('broken YAML is reported with its line', () => {
  const { problems } = read('logLevel: info\nlabels: {a: 1\nonStop: keep\n');
  expect(problems[0]?.path).toMatch(/^a\.yaml:[234]$/);
  expect(problems[0]?.message).toMatch(/^not valid YAML: /);
});

test('a key given twice is reported at its second line', () => {
  expect(read('logLevel: info\nlogLevel: warn\n').problems).toEqual([
    { path: 'a.yaml:2', message: 'not valid YAML: Map keys must be unique' },
  ]);
});
