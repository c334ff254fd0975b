import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ObjectEvent } from '../../core/object-event.ts';
import type { EventSink } from '../../ports/event-sink.ts';

export interface EventSinkHarness {
  readonly sink: EventSink;
  /** What whoever looks at this object is shown, the oldest first. */
  eventsOf(about: ObjectEvent['about']): Promise<readonly ShownEvent[]>;
  dispose(): Promise<void>;
}

export type ShownEvent = Pick<ObjectEvent, 'type' | 'reason' | 'action' | 'note'> & {
  /** How often it was told. */
  readonly count: number;
};

const MOVED: ObjectEvent = {
  about: { kind: 'VipPool', name: 'nas' },
  type: 'Warning',
  reason: 'NodeLost',
  action: 'Move',
  note: '192.0.2.10 from node-a to node-b',
};
const DRAINED: ObjectEvent = {
  about: { kind: 'NodeHealth', name: 'node-a' },
  type: 'Normal',
  reason: 'Maintenance',
  action: 'Ready',
  note: 'Ready=False: drained',
};

const shown = ({ about: _about, ...event }: ObjectEvent, count: number): ShownEvent => ({ ...event, count });

/** What every EventSink guarantees. There are a pool `nas` and a node `node-a`, and nothing else. */
export function eventSinkContract(name: string, open: () => Promise<EventSinkHarness>): void {
  describe(`events: ${name}`, () => {
    let harness: EventSinkHarness;

    beforeEach(async () => {
      harness = await open();
    }, 30_000);

    afterEach(() => harness.dispose(), 30_000);

    test('are shown with the pool or node that they are about', async () => {
      await harness.sink.record(MOVED);
      await harness.sink.record(DRAINED);
      expect(await harness.eventsOf(MOVED.about)).toEqual([shown(MOVED, 1)]);
      expect(await harness.eventsOf(DRAINED.about)).toEqual([shown(DRAINED, 1)]);
    });

    test('that say the same again are counted, those that say something else are not', async () => {
      const other = { ...MOVED, note: '192.0.2.11 from node-a to node-b' };
      for (const event of [MOVED, other, MOVED, MOVED]) await harness.sink.record(event);
      expect(await harness.eventsOf(MOVED.about)).toEqual([shown(MOVED, 3), shown(other, 1)]);
    });

    test('about an object that has gone are no error, and shown nowhere', async () => {
      const about = { kind: 'VipPool', name: 'gone' } as const;
      await harness.sink.record({ ...MOVED, about });
      expect(await harness.eventsOf(about)).toEqual([]);
    });

    test('with a text that is too long begin with it', async () => {
      const note = `Ready=False: ${'müde '.repeat(1_000)}`;
      await harness.sink.record({ ...DRAINED, note });
      const [event] = await harness.eventsOf(DRAINED.about);
      expect(event?.note.slice(0, 500)).toBe(note.slice(0, 500));
    });
  });
}
