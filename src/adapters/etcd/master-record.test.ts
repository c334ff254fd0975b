import { describe, expect, test } from '@jest/globals';
import { term } from '../../testing/contract/election-store.contract.ts';
import { readTerm } from './master-record.ts';

describe('readTerm', () => {
  test('reads what a claim writes', () => {
    expect(readTerm(JSON.stringify(term(7)))).toEqual(term(7));
  });

  test.each(['', 'null', '7', '"text"', '[]', '{}', '{"number":"7"}', '{"number":7}', '{"number":7,"instance":{}}'])(
    'refuses %j and says what to do',
    (text) => {
      expect(() => readTerm(text)).toThrow('choose another prefix');
    },
  );
});
