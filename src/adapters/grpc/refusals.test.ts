import { beforeEach, describe, expect, test } from '@jest/globals';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { MOST_APART, Refusals } from './refusals.ts';

describe('what is refused', () => {
  let ports: RecordedPorts;
  let clock: VirtualClock;
  let refusals: Refusals;
  beforeEach(() => {
    ports = new RecordedPorts();
    clock = new VirtualClock();
    refusals = new Refusals({ clock, log: ports.log, metrics: ports.metrics });
  });

  test('is counted each time and logged once', () => {
    for (let count = 0; count < 1_000; count++) refusals.refuse('bad-value', `value ${count}`, 'a:1');
    expect(ports.count('messages_refused_total reason=bad-value')).toBe(1_000);
    expect(ports.lines).toEqual([
      { level: 'warn', message: 'message refused', fields: { reason: 'bad-value', detail: 'value 0', peer: 'a:1' } },
    ]);
  });

  test('is logged for each kind', () => {
    refusals.refuse('bad-value', '', 'a:1');
    refusals.refuse('too-large', '', 'a:1');
    expect(ports.lines.length).toBe(2);
  });

  test('is logged for each address, whatever its port', () => {
    for (let port = 1; port <= 100; port++) {
      refusals.refuse('bad-value', '', `192.0.2.1:${port}`);
      refusals.refuse('bad-value', '', `[2001:db8::1]:${port}`);
      refusals.refuse('bad-value', '', `2001:db8::2:${port}`);
    }
    expect(ports.lines.map(({ fields }) => fields['peer'])).toEqual([
      '192.0.2.1:1',
      '[2001:db8::1]:1',
      '2001:db8::2:1',
    ]);
  });

  test('is logged with the address as an administrator looks for it', () => {
    for (const peer of ['::ffff:10.0.0.7:1', '10.0.0.7:2', '::ffff:a00:7:3']) refusals.refuse('bad-value', '', peer);
    expect(ports.lines.map(({ fields }) => fields['peer'])).toEqual(['10.0.0.7:1', '::ffff:a00:7:3']);
  });

  test('is logged for a bounded number of addresses: the others share one line of each reason', async () => {
    const scan = (): void => {
      for (let n = 0; n < 10_000; n++) refusals.refuse('bad-value', '', `10.0.${n >> 8}.${n & 255}:1`);
    };
    scan();
    expect(ports.lines.length).toBe(MOST_APART + 1);
    refusals.refuse('too-large', '', '192.0.2.1:1');
    expect(ports.lines.length).toBe(MOST_APART + 2);
    expect(ports.count('messages_refused_total reason=bad-value')).toBe(10_000);
    // What has been quiet for long makes room.
    await clock.advance(600_000);
    scan();
    expect(ports.lines.length).toBe(2 * (MOST_APART + 1) + 1);
  });

  test('is logged ever less often where it goes on', async () => {
    for (let second = 0; second < 3_600; second++) {
      refusals.refuse('bad-value', '', 'a:1');
      await clock.advance(1_000);
    }
    // After 10, 20, 40 seconds and so on, in the end every ten minutes.
    expect(ports.lines.length).toBe(11);
    // The first line stands for one, the second for those of the first 10 seconds, and so on.
    expect(ports.lines.slice(0, 3).map(({ fields }) => fields['repeated'])).toEqual([undefined, 9, 19]);
  });

  test('is news again after a long quiet time', async () => {
    refusals.refuse('bad-value', '', 'a:1');
    await clock.advance(600_000);
    for (let second = 0; second < 12; second++) {
      refusals.refuse('bad-value', '', 'a:1');
      await clock.advance(1_000);
    }
    expect(ports.lines.length).toBe(3);
  });
});

test('refused connections have a counter of their own', () => {
  const ports = new RecordedPorts();
  const clock = new VirtualClock();
  Refusals.ofConnections({ clock, log: ports.log, metrics: ports.metrics }).refuse('too-many', '', 'a:1');
  expect(ports.count('connections_refused_total reason=too-many')).toBe(1);
  expect(ports.lines).toEqual([expect.objectContaining({ message: 'connection refused' })]);
});
