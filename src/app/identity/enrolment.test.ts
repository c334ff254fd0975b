import { beforeEach, expect, test } from '@jest/globals';
import { OpError } from '../../core/op-error.ts';
import type { SignRequest } from '../../ports/identity-service.ts';
import { Enrolment } from './enrolment.ts';

let token: string;
let keys: number;
let asked: SignRequest[];
let isLost: boolean;
let enrolment: Enrolment;

beforeEach(() => {
  token = 'token 1';
  keys = 0;
  asked = [];
  isLost = false;
  enrolment = new Enrolment({
    link: {
      sign: (request) => {
        asked.push(request);
        return isLost ? Promise.reject(new OpError('Unavailable', 'no answer')) : Promise.resolve('certificate');
      },
    },
    token: () => Promise.resolve(token),
    newRequest: () => Promise.resolve({ privateKey: `key ${++keys}`, request: Uint8Array.of(keys) }),
  });
});

test('every token certifies a key of its own', async () => {
  expect(await enrolment.obtain()).toEqual({ privateKey: 'key 1', certificate: 'certificate' });
  token = 'token 2';
  expect(await enrolment.obtain()).toEqual({ privateKey: 'key 2', certificate: 'certificate' });
  expect(asked).toEqual([
    { token: 'token 1', request: Uint8Array.of(1) },
    { token: 'token 2', request: Uint8Array.of(2) },
  ]);
});

test('who asks again with the same token does so for the same key', async () => {
  isLost = true;
  await expect(enrolment.obtain()).rejects.toMatchObject({ code: 'Unavailable' });
  isLost = false;
  expect(await enrolment.obtain()).toMatchObject({ privateKey: 'key 1' });
  expect(await enrolment.obtain()).toMatchObject({ privateKey: 'key 1' });
});
