import { describe, expect, test } from '@jest/globals';
import { controllerId } from '../../core/ids.ts';
import { readElectorate, writeElectorate } from './electorate-record.ts';

const MEMBER = { id: controllerId('c1'), address: '10.0.0.1:7480' };

describe('the record of the electorate', () => {
  test('is read as it was written', () => {
    const electorate = { version: 3, members: [MEMBER, { id: controllerId('c2'), address: '[2001:db8::1]:7480' }] };
    expect(readElectorate(writeElectorate(electorate))).toEqual(electorate);
  });

  test.each([
    '',
    'null',
    '7',
    '[]',
    '{}',
    '{"version":0,"members":[{"id":"c1","address":"a:1"}]}',
    '{"version":"1","members":[{"id":"c1","address":"a:1"}]}',
    '{"version":1}',
    '{"version":1,"members":[]}',
    '{"version":1,"members":{"id":"c1","address":"a:1"}}',
    '{"version":1,"members":[null]}',
    '{"version":1,"members":[{"id":"c1"}]}',
    '{"version":1,"members":[{"id":"","address":"a:1"}]}',
    '{"version":1,"members":[{"id":"c1","address":"a:1"},{"id":"c1","address":"a:2"}]}',
  ])('that is %j is refused, with what to do', (text) => {
    expect(() => readElectorate(text)).toThrow(
      expect.objectContaining({ code: 'InvalidInput', message: expect.stringContaining('"electorate"') }),
    );
  });
});
