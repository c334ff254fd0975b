import { expect, test } from '@jest/globals';
import type { PeerMessage } from '../../core/peer-messages.ts';
import { beat, changed, stepDown } from '../../testing/peer-messages.ts';
import { PeerOutbox } from './peer-outbox.ts';

test('a full stream keeps the newest message of each kind, in the order in which they were said last', () => {
  const written: PeerMessage[] = [];
  let room = 1;
  const outbox = new PeerOutbox((message) => {
    written.push(message);
    return --room > 0;
  });
  outbox.send(beat(1));
  expect(outbox.full).toBe(true);
  for (const message of [beat(2), changed(), beat(3), stepDown(), beat(4)]) outbox.send(message);
  expect(written).toEqual([beat(1)]);

  room = 2;
  outbox.drained();
  expect(written).toEqual([beat(1), changed(), stepDown()]);
  outbox.send(beat(5));
  room = 9;
  outbox.drained();
  expect(written.slice(3)).toEqual([beat(5)]);
  outbox.send(beat(6));
  expect(written.at(-1)).toEqual(beat(6));
});
