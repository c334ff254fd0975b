import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import type { ProgramReport } from './host-messages.ts';
import type { ProgramHost } from './host-thread.ts';
import { Programs } from './programs.ts';

const ended = (code: number, output = ''): ProgramReport => ({
  kind: 'ended',
  code,
  signal: undefined,
  output,
  flooded: false,
});

/** Starts nothing; a test ends its programs. */
class FakeHost implements ProgramHost {
  readonly started: {
    readonly argv: readonly string[];
    readonly signals: number[];
    end: (report: ProgramReport) => void;
  }[] = [];

  spawn(argv: readonly string[]) {
    const { promise, resolve } = Promise.withResolvers<ProgramReport>();
    const signals: number[] = [];
    this.started.push({ argv, signals, end: resolve });
    return { ended: promise, signal: (number: number) => void signals.push(number) };
  }
}

function setUp() {
  const host = new FakeHost();
  const clock = new VirtualClock();
  const programs = new Programs(host, clock);
  /** Runs a program; `answer` is its end as soon as there is one. */
  const run = (owner: string) => {
    const controller = new AbortController();
    const call = { controller, answer: undefined as unknown };
    void programs.run(owner, ['/checks/app', '$(reboot)'], [], controller.signal).then((end) => (call.answer = end));
    return call;
  };
  return { host, clock, programs, run };
}

describe('programs', () => {
  it('get their arguments as arguments, never as text of a shell', async () => {
    const { host, clock, run } = setUp();
    run('a');
    await clock.advance(0);
    const [, , text, ...rest] = host.started[0]?.argv ?? [];
    expect(text).not.toContain('reboot');
    expect(rest).toEqual(['sh', '/checks/app', '$(reboot)']);
  });

  it('cannot take the memory of the container that they share with the agent', async () => {
    const { host, clock } = setUp();
    const programs = new Programs(host, clock, 384 * 2 ** 20);
    void programs.run('a', ['/checks/app'], [], new AbortController().signal);
    await clock.advance(0);
    expect(host.started[0]?.argv[2]).toContain(`ulimit -d ${96 * 1_024} `);
  });

  it('are asked to end when they are late, then killed, then left alone', async () => {
    const { host, clock, programs, run } = setUp();
    const call = run('a');
    await clock.advance(1_000);
    call.controller.abort();
    await clock.advance(199);
    expect([host.started[0]?.signals, call.answer]).toEqual([[15], undefined]);
    await clock.advance(2);
    expect([host.started[0]?.signals, call.answer]).toEqual([[15, 9], undefined]);
    await clock.advance(200);
    expect([call.answer, programs.running]).toEqual([{ kind: 'hangs', forMs: 1_400 }, 1]);
  });

  it('say their last words when they end after that', async () => {
    const { host, clock, run } = setUp();
    const call = run('a');
    await clock.advance(1_000);
    call.controller.abort();
    await clock.advance(10);
    host.started[0]?.end(ended(0, 'asked the database\n'));
    await clock.advance(0);
    expect([call.answer, clock.pending]).toEqual([{ kind: 'late', output: 'asked the database\n' }, 0]);
  });

  it('are not started again while one of the same owner hangs', async () => {
    const { host, clock, run } = setUp();
    const first = run('a');
    first.controller.abort();
    await clock.advance(2_000);
    const second = run('a');
    const other = run('b');
    await clock.advance(0);
    expect([second.answer, other.answer, host.started.length]).toEqual([{ kind: 'hangs', forMs: 2_000 }, undefined, 2]);
    host.started[0]?.end(ended(1));
    await clock.advance(0);
    run('a');
    await clock.advance(0);
    expect(host.started).toHaveLength(3);
  });

  it('that were late last time do not keep the others waiting', async () => {
    const { host, clock, run } = setUp();
    const late = Array.from({ length: 64 }, (_, index) => run(`slow ${index}`));
    await clock.advance(0);
    const crowded = run('one more');
    for (const { controller } of late) controller.abort();
    crowded.controller.abort();
    await clock.advance(10);
    expect(crowded.answer).toEqual({ kind: 'crowded', limit: 64 });
    for (const { end } of host.started.splice(0)) end(ended(0));
    await clock.advance(10);
    for (let index = 0; index < 64; index++) run(`slow ${index}`);
    for (let index = 0; index < 32; index++) run(`quick ${index}`);
    await clock.advance(0);
    expect(host.started).toHaveLength(64);
  });

  it('tell why they could not be started', async () => {
    const { host, clock, programs, run } = setUp();
    const call = run('a');
    await clock.advance(0);
    host.started[0]?.end({ kind: 'failed', reason: 'posix_spawn: EAGAIN' });
    await clock.advance(0);
    expect([call.answer, programs.running]).toEqual([{ kind: 'failed', reason: 'posix_spawn: EAGAIN' }, 0]);
  });
});
