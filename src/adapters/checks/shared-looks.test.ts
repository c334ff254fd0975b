import { expect, it } from '@jest/globals';
import { contextOf } from '../../testing/check-context.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { SharedLooks } from './shared-looks.ts';

function looks() {
  const clock = new VirtualClock();
  const shared = new SharedLooks<string>(clock);
  let count = 0;
  const look = (check: string, key = '/srv') =>
    shared.at(key, contextOf({ check }), () => Promise.resolve(`${key} ${++count}`));
  return { clock, shared, look };
}

it('serve every check once within half a second', async () => {
  const { clock, look } = looks();
  expect(await look('a')).toBe('/srv 1');
  await clock.advance(499);
  expect([await look('b'), await look('c')]).toEqual(['/srv 1', '/srv 1']);
  await clock.advance(1);
  expect(await look('d')).toBe('/srv 2');
});

it('are no second run of the same check, and serve nobody who looks at something else', async () => {
  const { look } = looks();
  expect([await look('a'), await look('a')]).toEqual(['/srv 1', '/srv 2']);
  expect(await look('b', '/export')).toBe('/export 3');
});

it('that hang are not begun again, whoever asks and however late', async () => {
  const { clock, shared } = looks();
  const { promise, resolve } = Promise.withResolvers<string>();
  let begun = 0;
  const ask = () => shared.at('/srv', contextOf(), () => (begun++, promise));
  const first = ask();
  await clock.advance(60_000);
  const second = ask();
  resolve('late');
  expect(await Promise.all([first, second])).toEqual(['late', 'late']);
  expect(begun).toBe(1);
  await ask();
  expect(begun).toBe(2);
});

it('that fail fail for all, and the next one is another', async () => {
  const { clock, shared } = looks();
  const fail = (check: string) => shared.at('/srv', contextOf({ check }), () => Promise.reject(new Error('gone')));
  await expect(fail('a')).rejects.toThrow('gone');
  await expect(fail('b')).rejects.toThrow('gone');
  await clock.advance(500);
  expect(await shared.at('/srv', contextOf(), () => Promise.resolve('back'))).toBe('back');
});
