import { describe, expect, it } from '@jest/globals';
import { commandOf, lanesOf, selectSuites } from './suites.ts';

describe('suites', () => {
  it('run in order, whatever the order of their names', () => {
    expect(selectSuites(['e2e', 'unit']).map(({ name }) => name)).toEqual(['unit', 'e2e']);
  });

  it('are refused when unknown', () => {
    expect(() => selectSuites(['e3e'])).toThrow('unknown suite "e3e"; known are: format lint');
  });

  it('that share the machine run one test file after the other', () => {
    expect(commandOf({ kind: 'jest', name: 'e2e', serial: true }, 'x.json')).toContain('--runInBand');
    expect(commandOf({ kind: 'jest', name: 'unit', serial: false }, 'x.json')).not.toContain('--runInBand');
  });

  it('that need no clock run beside the others, where there are others', () => {
    const names = (suites: readonly string[]) =>
      lanesOf(selectSuites(suites)).map((lane) => lane.map(({ name }) => name));
    expect(names(['unit', 'simulator', 'e2e', 'spec'])).toEqual([
      ['unit', 'e2e'],
      ['simulator', 'spec'],
    ]);
    expect(names(['simulator', 'spec'])).toEqual([['simulator', 'spec'], []]);
  });

  it('of cases are told where their results go', () => {
    expect(commandOf({ kind: 'cases', name: 'spec', command: ['x'] }, 'x.json')).toEqual(['x', '--outcome=x.json']);
  });

  it('with labs keep the logs of a failure, from inside the namespaces that hold them', () => {
    const command = commandOf({ kind: 'jest', name: 'e2e', serial: true, isolated: true }, 'x.json');
    expect(command.indexOf('setpriv')).toBe(0);
    expect(command).toContain('--reporters=./e2e/lib/logs-reporter.ts');
  });
});
