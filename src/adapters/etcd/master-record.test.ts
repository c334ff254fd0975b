import { describe, expect, test } from '@jest/globals';
import { term } from '../../testing/contract/election-store.contract.ts';
import { readTerm } from './master-record.ts';

describe('readTerm', () => {
  test('reads what a claim writes', () => {
    expect(readTerm(JSON.stringify(term(7)))).toEqual(term(7));
  });

  test.each([
    ['number', 0],
    ['number', 1.5],
    ['priority', '1'],
    ['priority', undefined],
    ['address', undefined],
    ['address', 'host-1'],
    ['nonce', 7],
    ['id', null],
  ])('refuses a record whose %s is %j', (field, value) => {
    const { number, instance } = term(7);
    const record =
      field === 'number' ? { number: value, instance } : { number, instance: { ...instance, [field]: value } };
    expect(() => readTerm(JSON.stringify(record))).toThrow('choose another prefix');
  });

  test.each(['', 'null', '7', '"text"', '[]', '{}', '{"number":"7"}', '{"number":7}', '{"number":7,"instance":{}}'])(
    'refuses %j and says what to do',
    (text) => {
      expect(() => readTerm(text)).toThrow('choose another prefix');
    },
  );
});
