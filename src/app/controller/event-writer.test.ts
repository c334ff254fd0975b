import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectEvent } from '../../core/object-event.ts';
import { OpError } from '../../core/op-error.ts';
import { FakeEventSink } from '../../testing/fake-event-sink.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { EventWriter } from './event-writer.ts';

const event = (note: string, name = 'nas'): ObjectEvent => ({
  about: { kind: 'VipPool', name },
  type: 'Normal',
  reason: 'Failback',
  action: 'Move',
  note,
});
const AWAY = new OpError('Unavailable', 'away');

let clock: VirtualClock;
let events: FakeEventSink;
let ports: RecordedPorts;
let reigning: boolean;
let writer: EventWriter;

beforeEach(() => {
  clock = new VirtualClock();
  events = new FakeEventSink();
  ports = new RecordedPorts();
  reigning = true;
  writer = new EventWriter({ clock, log: ports.log, metrics: ports.metrics, events }, () => reigning);
});

/** Time in which a thousand events are told, however quickly each is. */
async function advance(ms: number): Promise<void> {
  await clock.advance(ms);
  for (let turn = 0; turn < 1_000; turn++) await Promise.resolve().then(() => clock.advance(0));
}
const notes = (): string[] => events.told.map(({ event: { note } }) => note);
const lines = (level: string): string[] =>
  ports.lines.filter((line) => line.level === level).map(({ message }) => message);

it('tells in order, and in the log', async () => {
  writer.tell([event('1'), event('2')]);
  writer.tell([event('3')]);
  await clock.advance(0);
  expect(notes()).toEqual(['1', '2', '3']);
  expect(ports.lines[0]).toEqual({
    level: 'info',
    message: 'event',
    fields: { object: 'VipPool/nas', type: 'Normal', reason: 'Failback', note: '1' },
  });
});

it('tells in the log alone where there is nowhere else', () => {
  new EventWriter({ clock, log: ports.log, metrics: ports.metrics }, () => true).tell([event('1')]);
  expect(lines('info')).toEqual(['event']);
});

describe('too many', () => {
  const many = (count: number, name?: string): ObjectEvent[] =>
    Array.from({ length: count }, (_, index) => event(String(index), name));

  it('about one object are 25 at once and one in ten seconds, and leave the others alone', async () => {
    writer.tell(many(100));
    writer.tell(many(1, 'other'));
    await advance(10_000);
    expect(notes()).toHaveLength(26);
    expect(ports.count('events_dropped_total reason=rate')).toBe(75);
    expect(lines('info')).toHaveLength(26);
    writer.tell([event('later'), event('too soon')]);
    await advance(0);
    expect(notes().slice(26)).toEqual(['later']);
  });

  it('that wait while they cannot be told are the newest thousand', async () => {
    events.failure = AWAY;
    for (let pool = 0; pool < 50; pool++) writer.tell(many(25, `pool-${pool}`));
    await advance(0);
    events.failure = undefined;
    await advance(5_000);
    expect(events.told).toHaveLength(1_000);
    expect(events.told.at(-1)?.event.about.name).toBe('pool-49');
    expect(ports.count('events_dropped_total reason=queue')).toBe(250);
  });
});

describe('while it fails', () => {
  it('tries again until it is told, with one line in the log', async () => {
    events.failure = AWAY;
    writer.tell([event('1')]);
    await clock.advance(20_000);
    expect(lines('warn')).toEqual(['event not told; it is in the log alone']);
    events.failure = undefined;
    await clock.advance(5_000);
    expect(notes()).toEqual(['1']);
    expect(clock.pending).toBe(0);
  });

  it('gives up what will never be taken', async () => {
    events.failure = new OpError('PermissionDenied', 'grant it');
    writer.tell([event('1'), event('2')]);
    await clock.advance(0);
    events.failure = undefined;
    writer.tell([event('3')]);
    await clock.advance(60_000);
    expect(notes()).toEqual(['3']);
    expect(lines('warn')).toHaveLength(1);
  });
});

describe('who is no longer master', () => {
  it('tells nothing more: the next one does', async () => {
    events.failure = AWAY;
    writer.tell([event('1')]);
    await clock.advance(0);
    events.failure = undefined;
    writer.pause();
    await clock.advance(60_000);
    expect(notes()).toEqual([]);
    writer.tell([event('2')]);
    await clock.advance(0);
    expect(notes()).toEqual(['2']);
  });

  it('and does not know it yet tells nothing either', async () => {
    reigning = false;
    writer.tell([event('1')]);
    await clock.advance(60_000);
    expect(notes()).toEqual([]);
  });
});

it('stops at once, whatever waits', async () => {
  events.failure = AWAY;
  writer.tell([event('1')]);
  await clock.advance(0);
  await writer.stop();
  events.failure = undefined;
  await clock.advance(60_000);
  expect(notes()).toEqual([]);
  expect(clock.pending).toBe(0);
});
