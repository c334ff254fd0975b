import { expect, it } from '@jest/globals';
import { ScramExchange, ScramKeys } from './scram.ts';
import { WrongAnswer } from './wire.ts';

/** The example of RFC 7677, 3. */
const NONCE = 'rOprNGfwEbeRWgbNEkqO';
const SERVER_FIRST = `r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const exchange = (keys = new ScramKeys()): ScramExchange => new ScramExchange('user', NONCE, keys);

it('proves that it knows the password, and lets the server prove it', async () => {
  const login = exchange();
  expect(login.first).toBe(`n,,n=user,r=${NONCE}`);
  expect(await login.final(SERVER_FIRST, 'pencil')).toBe(
    `c=biws,r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
  );
  login.verify('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  expect(() => login.verify('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G0=')).toThrow(WrongAnswer);
  expect(() => login.verify('e=other-error')).toThrow(WrongAnswer);
});

it('derives the keys once for a password and what the server says of it', async () => {
  const keys = new ScramKeys();
  const challenge = { nonce: '', salt: 'W22ZaJ0SNY7soEsUEjb6gQ==', rounds: 4_096 };
  const derived = keys.get('pencil', challenge);
  expect(keys.get('pencil', { ...challenge })).toBe(derived);
  expect(await keys.get('pen', challenge)).not.toEqual(await derived);
  expect(await keys.get('pencil', { ...challenge, rounds: 4_097 })).not.toEqual(await derived);
  expect(await keys.get('pencil', challenge)).toEqual(await derived);
});

it('takes letters as servers do', async () => {
  const challenge = { nonce: '', salt: 'W22ZaJ0SNY7soEsUEjb6gQ==', rounds: 1 };
  expect(await new ScramKeys().get('a\u00a0\uff22', challenge)).toEqual(await new ScramKeys().get('a B', challenge));
});

it.each([
  'r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  `r=${NONCE}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0`,
  `r=${NONCE}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=900000000`,
  `r=${NONCE}x,i=4096`,
  'm=ext',
  '',
])('refuses the challenge "%s"', async (challenge) => {
  await expect(exchange().final(challenge, 'pencil')).rejects.toThrow(WrongAnswer);
});
