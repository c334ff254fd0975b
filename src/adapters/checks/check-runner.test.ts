import { describe, expect, it } from '@jest/globals';
import type { Check, CheckRun } from '../../core/checks.ts';
import { poolName, vipAddress } from '../../core/ids.ts';
import { checkOf as checkOfProbe } from '../../testing/check-context.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { BAD, GOOD, ScriptedProbe } from '../../testing/scripted-probe.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { ScheduledCheckRunner } from './check-runner.ts';

const WEB = poolName('web');
const VIPS = [vipAddress('192.0.2.1'), vipAddress('192.0.2.2')];

const TCP = { type: 'tcp', host: '127.0.0.1', port: 80 } as const;
const checkOf = (change: Partial<Check> = {}, name = 'app'): Check => checkOfProbe(name, TCP, change);

/** @param fraction of each random number */
function setUp(fraction = 1) {
  const clock = new VirtualClock();
  const probe = new ScriptedProbe(clock);
  const ports = new RecordedPorts();
  const runs: (CheckRun & { readonly atMs: number })[] = [];
  const random = { hex: () => '', fraction: () => fraction };
  const runner = new ScheduledCheckRunner({ probes: probe.asProbes(), clock, random, log: ports.log, node: 'a' });
  runner.start((run) => runs.push({ ...run, atMs: clock.now() }));
  return { clock, probe, ports, runs, runner, starts: () => probe.calls.map(({ atMs }) => atMs) };
}

describe('a check', () => {
  it('is run at once, and then at its interval, however long a run takes', async () => {
    const { clock, probe, runs, runner, starts } = setUp();
    probe.behaviour = ({ answer }) => void clock.after(300, () => answer(GOOD));
    runner.setChecks([checkOf()]);
    await clock.advance(6_500);
    expect(starts()).toEqual([0, 2_000, 4_000, 6_000]);
    expect(runs.map(({ atMs }) => atMs)).toEqual([300, 2_300, 4_300, 6_300]);
    expect(runs[0]).toEqual({ ...GOOD, pool: WEB, name: 'app', durationMs: 300, atMs: 300 });
  });

  it('has a shorter first gap by chance, so that hosts do not ask in step', async () => {
    const { clock, runner, starts } = setUp(0.2);
    runner.setChecks([checkOf()]);
    await clock.advance(4_000);
    expect(starts()).toEqual([0, 1_200, 3_200]);
  });

  it('goes on undisturbed when the set changes around it', async () => {
    const { clock, runner, starts } = setUp();
    runner.setChecks([checkOf()]);
    await clock.advance(1_500);
    runner.setChecks([checkOf()]);
    await clock.advance(1_000);
    expect(starts()).toEqual([0, 2_000]);
  });

  it('is run at once when it changed, and no more when it is gone', async () => {
    const { clock, runner, starts, probe } = setUp();
    runner.setChecks([checkOf()]);
    await clock.advance(500);
    runner.setChecks([checkOf({ intervalMs: 3_000 })]);
    await clock.advance(3_500);
    expect(starts()).toEqual([0, 500, 3_500]);
    runner.setChecks([]);
    await clock.advance(10_000);
    expect(starts()).toHaveLength(3);
    expect([clock.pending, probe.watches.size]).toEqual([0, 0]);
  });

  it('of the type interface is left to others', async () => {
    const { clock, runner, starts } = setUp();
    runner.setChecks([checkOf({ probe: { type: 'interface', interface: '' } })]);
    await clock.advance(5_000);
    expect(starts()).toEqual([]);
  });

  it('starts a little after its neighbours when many come together', async () => {
    const { clock, runner, starts } = setUp();
    runner.setChecks(Array.from({ length: 200 }, (_, index) => checkOf({}, `c${index}`)));
    await clock.advance(1_000);
    expect(starts()).toEqual(Array.from({ length: 200 }, (_, index) => index * 5));
    const late = checkOf({}, 'late');
    runner.setChecks([...Array.from({ length: 200 }, (_, index) => checkOf({}, `c${index}`)), late]);
    await clock.advance(0);
    expect(starts().at(-1)).toBe(1_000);
  });
});

describe('a role', () => {
  it('decides whether a check is run, from the moment it changes', async () => {
    const { clock, runner, probe } = setUp();
    runner.setChecks([checkOf({ role: 'Holder' }, 'holder'), checkOf({ role: 'Standby' }, 'standby')]);
    await clock.advance(1_000);
    runner.setHeld(new Map([[WEB, VIPS]]));
    await clock.advance(1_500);
    runner.setHeld(new Map([[WEB, []]]));
    await clock.advance(100);
    const calls = probe.calls.map(({ atMs, context }) => [atMs, context.check, context.role, context.vips.length]);
    expect(calls).toEqual([
      [0, 'standby', 'Standby', 0],
      [1_000, 'holder', 'Holder', 2],
      [2_500, 'standby', 'Standby', 0],
    ]);
  });

  it('is told to a check of any role, which is not disturbed by it', async () => {
    const { clock, runner, probe } = setUp();
    runner.setChecks([checkOf()]);
    await clock.advance(1_000);
    runner.setHeld(new Map([[WEB, VIPS]]));
    await clock.advance(1_500);
    expect(probe.calls.map(({ atMs, context }) => [atMs, context])).toEqual([
      [0, { node: 'a', pool: WEB, check: 'app', role: 'Standby', vips: [], timeoutMs: 1_000 }],
      [2_000, { node: 'a', pool: WEB, check: 'app', role: 'Holder', vips: VIPS, timeoutMs: 1_000 }],
    ]);
  });
});

describe('a run that takes too long', () => {
  it('is aborted, and its probe says what was wrong', async () => {
    const { clock, probe, runs, runner } = setUp();
    probe.behaviour = ({ signal, answer }) => signal.addEventListener('abort', () => answer(BAD));
    runner.setChecks([checkOf()]);
    await clock.advance(1_500);
    expect(runs).toMatchObject([{ ...BAD, atMs: 1_000, durationMs: 1_000 }]);
  });

  it('has failed even if its answer was good', async () => {
    const { clock, probe, runs, runner } = setUp();
    probe.behaviour = ({ answer }) => void clock.after(1_020, () => answer(GOOD));
    runner.setChecks([checkOf()]);
    await clock.advance(1_500);
    expect(runs).toMatchObject([{ ok: false, output: 'answered only after 1020 ms', atMs: 1_020 }]);
  });

  it('is cut off when its probe does not come back, counts once an interval, and delays no other', async () => {
    const { clock, probe, runs, runner } = setUp();
    probe.behaviour = ({ context, answer }) => (context.check === 'app' ? undefined : answer(GOOD));
    runner.setChecks([checkOf(), checkOf({}, 'other')]);
    await clock.advance(6_500);
    const of = (name: string) => runs.filter((run) => run.name === name).map(({ atMs, ok }) => [atMs, ok]);
    expect(of('app')).toEqual([
      [1_050, false],
      [2_000, false],
      [4_000, false],
      [6_000, false],
    ]);
    expect(runs.find(({ name }) => name === 'app')?.output).toBe('no answer within 1000 ms');
    expect(runs.findLast(({ name }) => name === 'app')?.output).toBe(
      'no answer for 6000 ms: an earlier run still hangs',
    );
    expect(of('other').map(([atMs]) => atMs)).toEqual([5, 2_005, 4_005, 6_005]);
    expect(probe.calls.filter(({ context }) => context.check === 'app')).toHaveLength(1);
  });

  it('is followed by the next as soon as it has ended after all', async () => {
    const { clock, probe, runs, runner, starts } = setUp();
    probe.behaviour = ({ answer }) => void clock.after(probe.calls.length === 1 ? 2_500 : 1, () => answer(GOOD));
    runner.setChecks([checkOf()]);
    await clock.advance(5_000);
    expect(starts()).toEqual([0, 2_500, 4_500]);
    expect(runs.map(({ ok }) => ok)).toEqual([false, false, true, true]);
  });

  it('does not overlap with the next where the timeout is as long as the interval', async () => {
    const { clock, probe, runner, starts, runs } = setUp();
    probe.behaviour = ({ signal, answer }) =>
      signal.addEventListener('abort', () => clock.after(20, () => answer(BAD)));
    runner.setChecks([checkOf({ intervalMs: 1_000 })]);
    await clock.advance(2_500);
    expect(starts()).toEqual([0, 1_020, 2_040]);
    expect(runs.map(({ output }) => output)).toEqual(['unwell', 'unwell']);
  });

  it('is abandoned after a while, but never more of them than a few', async () => {
    const { clock, probe, runs, runner } = setUp();
    probe.behaviour = () => undefined;
    runner.setChecks([checkOf()]);
    await clock.advance(11_000);
    expect([probe.calls.length, runner.abandoned]).toEqual([2, 1]);
    await clock.advance(600_000);
    expect([probe.calls.length, runner.abandoned]).toEqual([9, 8]);
    expect(runs.length).toBeGreaterThan(290);
    probe.behaviour = ({ answer }) => answer(GOOD);
    for (const call of probe.calls) call.answer(GOOD);
    await clock.advance(2_000);
    expect([runner.abandoned, runs.at(-1)?.ok]).toEqual([0, true]);
  });
});

it('a probe that throws has failed, and the log has the error', async () => {
  const { clock, probe, runs, runner, ports } = setUp();
  probe.behaviour = () => {
    throw new Error('oops');
  };
  runner.setChecks([checkOf()]);
  await clock.advance(10);
  expect(runs).toMatchObject([{ ok: false, output: 'the probe failed by itself: oops' }]);
  expect(ports.lines).toMatchObject([{ level: 'error', fields: { check: 'app' } }]);
});

describe('a look out of turn', () => {
  it('follows an event of a watch, and moves the next one', async () => {
    const { clock, probe, runner, starts } = setUp();
    runner.setChecks([checkOf()]);
    await clock.advance(700);
    probe.change();
    await clock.advance(2_500);
    expect(starts()).toEqual([0, 700, 2_700]);
  });

  it('waits for the run that is open', async () => {
    const { clock, probe, runner, starts } = setUp();
    probe.behaviour = ({ answer }) => void clock.after(100, () => answer(GOOD));
    runner.setChecks([checkOf()]);
    await clock.advance(50);
    runner.runNow(WEB, 'app');
    runner.runNow(WEB, 'app');
    runner.runNow(WEB, 'nothing of this name');
    await clock.advance(1_000);
    expect(starts()).toEqual([0, 100]);
  });

  it('does not follow every event of a storm', async () => {
    const { clock, probe, runner, starts } = setUp();
    runner.setChecks([checkOf()]);
    for (let ms = 0; ms < 100; ms++) {
      await clock.advance(1);
      probe.change();
    }
    expect(starts().length).toBeLessThanOrEqual(6);
  });
});

describe('stop', () => {
  it('aborts what runs, waits for it, and reports no more', async () => {
    const { clock, probe, runs, runner } = setUp();
    probe.behaviour = ({ signal, answer }) =>
      signal.addEventListener('abort', () => clock.after(300, () => answer(BAD)));
    runner.setChecks([checkOf()]);
    await clock.advance(100);
    let stoppedAt: number | undefined;
    void runner.stop().then(() => (stoppedAt = clock.now()));
    await clock.advance(5_000);
    expect([stoppedAt, runs, clock.pending, probe.watches.size]).toEqual([400, [], 0, 0]);
  });

  it('does not wait for a probe that hangs for good', async () => {
    const { clock, probe, runner } = setUp();
    probe.behaviour = () => undefined;
    runner.setChecks([checkOf()]);
    await clock.advance(100);
    let stoppedAt: number | undefined;
    void runner.stop().then(() => (stoppedAt = clock.now()));
    await clock.advance(5_000);
    expect([stoppedAt, clock.pending]).toEqual([2_100, 0]);
  });
});

it('a check that changes never has two runs at once', async () => {
  const { clock, probe, runner, starts } = setUp();
  probe.behaviour = ({ signal, answer }) => signal.addEventListener('abort', () => clock.after(300, () => answer(BAD)));
  runner.setChecks([checkOf()]);
  await clock.advance(100);
  runner.setChecks([checkOf({ timeoutMs: 900 })]);
  await clock.advance(50);
  runner.setChecks([checkOf({ timeoutMs: 800 })]);
  await clock.advance(500);
  expect(starts()).toEqual([0, 400]);
});
