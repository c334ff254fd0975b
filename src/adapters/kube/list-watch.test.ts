import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { backoffMs } from './backoff.ts';
import { advance, BACKOFF, firstState, type ListWatchEvent, type ListWatchOutput } from './list-watch.ts';
import type { ListWatchState } from './list-watch.ts';
import { parseObject, type KubeObject } from './objects.ts';

const object = (name: string, resourceVersion: string): KubeObject =>
  parseObject({ metadata: { name, resourceVersion } }) as KubeObject;

const page = (resourceVersion: string, objects: KubeObject[] = [], continueToken?: string): ListWatchEvent => ({
  kind: 'page',
  objects,
  continueToken,
  resourceVersion,
});
const failed: ListWatchEvent = { kind: 'list-failed', error: new Error('away') };
const refused = (status: number): ListWatchEvent => ({ kind: 'watch-refused', status, error: new Error(`${status}`) });
const put = (name: string, resourceVersion: string): ListWatchEvent => ({
  kind: 'line',
  event: { kind: 'put', object: object(name, resourceVersion) },
});
const serverError = (status: number): ListWatchEvent => ({
  kind: 'line',
  event: { kind: 'error', status, message: 'no' },
});
const ended = (lastedMs: number): ListWatchEvent => ({ kind: 'watch-ended', lastedMs });

/** Feeds events one after the other; delays count in full. */
function run(events: readonly ListWatchEvent[]): { state: ListWatchState; outputs: ListWatchOutput[] } {
  let state = firstState();
  const outputs: ListWatchOutput[] = [];
  for (const event of events) {
    const step = advance(state, event, 1);
    state = step.state;
    outputs.push(...step.outputs);
  }
  return { state, outputs };
}

describe('listing', () => {
  test('collects the pages of one list and then watches from its version', () => {
    const { state, outputs } = run([page('7', [object('a', '1')], 'next'), page('7', [object('b', '2')])]);
    expect(state).toEqual({ kind: 'watching', resourceVersion: '7', failures: 0 });
    expect(outputs).toEqual([{ kind: 'replace', objects: [object('a', '1'), object('b', '2')] }]);
  });

  test('asks for the next page with its token', () => {
    expect(run([page('7', [], 'next')]).state).toMatchObject({ kind: 'listing', continueToken: 'next' });
  });

  test('a page that fails starts the list from its beginning, after a delay', () => {
    const events = [page('7', [object('a', '1')], 'next'), failed];
    expect(run(events)).toMatchObject({
      state: { kind: 'waiting', delayMs: 100, resourceVersion: undefined },
      outputs: [{ kind: 'fault', error: new Error('away') }],
    });
    expect(run([...events, { kind: 'elapsed' }]).state).toEqual({
      kind: 'listing',
      continueToken: undefined,
      objects: [],
      failures: 1,
    });
  });

  test('each failure doubles the delay up to its bound', () => {
    const tries = Array.from({ length: 10 }, (): ListWatchEvent[] => [failed, { kind: 'elapsed' }]).flat();
    const delays = tries.flatMap((_, index) => {
      const { state } = run(tries.slice(0, index));
      return state.kind === 'waiting' ? [state.delayMs] : [];
    });
    expect(delays.slice(0, 8)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });
});

describe('watching', () => {
  const watching = [page('7')];

  test('events are passed on and move the version', () => {
    const { state, outputs } = run([
      ...watching,
      put('a', '8'),
      { kind: 'line', event: { kind: 'deleted', object: object('a', '9') } },
    ]);
    expect(state).toMatchObject({ kind: 'watching', resourceVersion: '9' });
    expect(outputs.slice(1)).toEqual([
      { kind: 'put', object: object('a', '8') },
      { kind: 'delete', object: object('a', '9') },
    ]);
  });

  test('a bookmark moves the version and says nothing', () => {
    const { state, outputs } = run([
      ...watching,
      { kind: 'line', event: { kind: 'bookmark', resourceVersion: '12' } },
      ended(300_000),
    ]);
    expect(state).toEqual({ kind: 'waiting', delayMs: 0, resourceVersion: '12', failures: 0 });
    expect(outputs.map(({ kind }) => kind)).toEqual(['replace']);
  });

  test('a watch that breaks is resumed from the last version, without a fault', () => {
    const { state, outputs } = run([...watching, put('a', '8'), ended(10), { kind: 'elapsed' }]);
    expect(state).toEqual({ kind: 'watching', resourceVersion: '8', failures: 1 });
    expect(outputs.filter(({ kind }) => kind === 'fault')).toEqual([]);
  });

  test('a server that is away is a fault; the version is kept', () => {
    const { state, outputs } = run([...watching, ended(10), { kind: 'elapsed' }, refused(0)]);
    expect(state).toEqual({ kind: 'waiting', delayMs: 200, resourceVersion: '7', failures: 2 });
    expect(outputs.at(-1)).toMatchObject({ kind: 'fault' });
  });

  test('one refusal is no fault yet, the next one is', () => {
    const once = [...watching, refused(429), { kind: 'elapsed' } as const];
    expect(run(once).outputs.map(({ kind }) => kind)).toEqual(['replace']);
    expect(run([...once, refused(429)]).outputs.map(({ kind }) => kind)).toEqual(['replace', 'fault']);
  });

  test('only an open watch ends an outage', () => {
    expect(run([failed, { kind: 'elapsed' }, page('7')]).outputs.map(({ kind }) => kind)).toEqual(['fault', 'replace']);
    expect(run([page('7'), { kind: 'watch-opened' }]).outputs.at(-1)).toEqual({ kind: 'healthy' });
  });

  test.each([
    ['HTTP 410', refused(410)],
    ['410 in the stream', serverError(410)],
  ])('%s means a new list, and is no fault', (_, event) => {
    const { state, outputs } = run([...watching, event]);
    expect(state).toMatchObject({ kind: 'waiting', resourceVersion: undefined });
    expect(outputs.filter(({ kind }) => kind === 'fault')).toEqual([]);
    expect(run([...watching, event, { kind: 'elapsed' }]).state.kind).toBe('listing');
  });

  test('another error in the stream resumes the watch', () => {
    expect(run([...watching, serverError(500)]).state).toMatchObject({ kind: 'waiting', resourceVersion: '7' });
  });

  test.each([
    ['refuses', refused(504)],
    ['breaks off with an error', serverError(504)],
  ])('a server that %s our version again and again gets a new list', (_, event) => {
    const again = [event, { kind: 'elapsed' } as const];
    expect(run([...watching, ...again, ...again]).state).toMatchObject({ kind: 'watching', resourceVersion: '7' });
    expect(run([...watching, ...again, ...again, ...again]).state.kind).toBe('listing');
  });

  test('a server that does not answer at all gets no new list', () => {
    const again = Array.from({ length: 9 }, (): ListWatchEvent[] => [refused(0), { kind: 'elapsed' }]).flat();
    expect(run([...watching, ...again]).state).toMatchObject({ kind: 'watching', resourceVersion: '7' });
  });

  test('an event ends the count of failures', () => {
    const { state } = run([...watching, refused(0), { kind: 'elapsed' }, { kind: 'watch-opened' }, put('a', '8')]);
    expect(state).toMatchObject({ failures: 0 });
  });

  test('watches that end at once are opened more and more slowly', () => {
    const again = Array.from({ length: 5 }, (): ListWatchEvent[] => [ended(1), { kind: 'elapsed' }]).flat();
    expect(run([...watching, ...again, ended(1)]).state).toMatchObject({ kind: 'waiting', delayMs: 3_200 });
  });
});

test('the delay lies between half of its bound and its bound', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.double({ min: 0, max: 1, noNaN: true }), (failures, fraction) => {
      const delay = backoffMs(BACKOFF, failures, fraction);
      expect(delay).toBeGreaterThanOrEqual(BACKOFF.firstMs / 2);
      expect(delay).toBeLessThanOrEqual(BACKOFF.maxMs);
    }),
  );
});

test('whatever happens, the version is one that the server named', () => {
  const version = fc.integer({ min: 1, max: 50 }).map(String);
  const event: fc.Arbitrary<ListWatchEvent> = fc.oneof(
    version.map((value) => page(value)),
    version.map((value) => put('a', value)),
    fc.constantFrom(failed, refused(0), refused(410), serverError(410), ended(1), { kind: 'elapsed' } as const),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const { state } = run(events);
      const named = events.flatMap((given) => {
        if (given.kind === 'page') return [given.resourceVersion];
        return given.kind === 'line' && given.event.kind === 'put' ? [given.event.object.metadata.resourceVersion] : [];
      });
      if (state.kind !== 'listing' && state.resourceVersion !== undefined) {
        expect(named).toContain(state.resourceVersion);
      }
    }),
  );
});
