import { expect, test } from '@jest/globals';
import { OpError } from '../core/op-error.ts';
import { eventSinkContract } from './contract/event-sink.contract.ts';
import { FakeEventSink } from './fake-event-sink.ts';

eventSinkContract('in memory', async () => {
  const sink = new FakeEventSink(({ about }) => about.name !== 'gone');
  return {
    sink,
    eventsOf: async ({ kind, name }) =>
      sink.told
        .filter(({ event: { about } }) => about.kind === kind && about.name === name)
        .map(({ event: { about: _about, ...event }, count }) => ({ ...event, count })),
    dispose: async () => undefined,
  };
});

test('fails while it is told to', async () => {
  const sink = new FakeEventSink();
  sink.failure = new OpError('Unavailable', 'away');
  const about = { kind: 'VipPool', name: 'nas' } as const;
  const event = { about, type: 'Normal', reason: 'Failback', action: 'Move', note: '' } as const;
  await expect(sink.record(event)).rejects.toThrow('away');
});
