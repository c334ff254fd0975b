import { expect, it } from '@jest/globals';
import { coalesced } from './coalesced.ts';

it('asks once for all who wait, and again once that is answered', async () => {
  const asked: string[] = [];
  const answers: ((answer: string) => void)[] = [];
  const ask = coalesced((key) => {
    asked.push(key);
    return new Promise<string>((resolve) => answers.push(resolve));
  });
  const first = ask('a');
  const second = ask('a');
  void ask('b');
  expect(asked).toEqual(['a', 'b']);
  answers[0]?.('one');
  expect(await Promise.all([first, second])).toEqual(['one', 'one']);
  void ask('a');
  expect(asked).toEqual(['a', 'b', 'a']);
});

it('asks again after a failure', async () => {
  let asked = 0;
  const ask = coalesced(() => Promise.reject(new Error(`no ${++asked}`)));
  await expect(ask('a')).rejects.toThrow('no 1');
  await expect(ask('a')).rejects.toThrow('no 2');
});
