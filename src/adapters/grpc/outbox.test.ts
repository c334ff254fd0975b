import { expect, test } from '@jest/globals';
import { Duplex } from 'node:stream';
import { epoch, incarnation, nodeName } from '../../core/ids.ts';
import type { ControllerMessage } from '../../core/messages.ts';
import { ack, assignment, config } from '../../testing/wire-messages.ts';
import { Outbox } from './outbox.ts';

const { term } = assignment(1);

const bar = (node: string, number: number): ControllerMessage => ({
  kind: 'bar',
  term,
  node: nodeName(node),
  lease: { incarnation: incarnation('life'), epoch: epoch(1) },
  number,
  lift: false,
});

test('of state that waits only the newest of its subject is sent, of answers none', async () => {
  const sent: ControllerMessage[] = [];
  const confirm: (() => void)[] = [];
  const call = new Duplex({
    objectMode: true,
    highWaterMark: 1,
    read: () => undefined,
    write: ({ value }: { value: ControllerMessage }, _encoding, done) => {
      sent.push(value);
      confirm.push(done);
    },
  });
  const outbox = new Outbox(call as never);
  outbox.send(assignment(1));
  for (const message of [assignment(2), bar('b', 1), bar('c', 2), bar('b', 3), config(1), assignment(3), config(2)])
    outbox.send(message);
  outbox.send(ack(1));
  outbox.send({ kind: 'nack', sequence: 2, term, reason: 'Revoked' });
  expect(sent).toEqual([assignment(1)]);

  for (let step = 0; step < 5; step++) {
    confirm.shift()?.();
    await new Promise(setImmediate);
  }
  expect(sent).toEqual([assignment(1), assignment(3), bar('b', 3), bar('c', 2), config(2)]);
  outbox.send(ack(4));
  expect(sent.at(-1)).toEqual(ack(4));
});
