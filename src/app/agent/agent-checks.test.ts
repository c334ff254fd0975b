import { beforeEach, describe, expect, it } from '@jest/globals';
import { poolName } from '../../core/ids.ts';
import { AgentOnFakes } from '../../testing/agent-on-fakes.ts';
import { check } from '../../testing/core-builders.ts';
import { GOOD } from '../../testing/scripted-probe.ts';

const NAS = poolName('nas');
const NFS = check('nfs', { fall: 1 });
const REPAIR = { command: ['/checks/repair.sh', 'nfs'], attempts: 1, deadlineMs: 400, windowMs: 0 };
const repairs = new Map([[NAS, REPAIR]]);

let h: AgentOnFakes;

beforeEach(async () => {
  h = new AgentOnFakes();
  await h.leased();
});

describe('a configuration', () => {
  it('reaches the runner and the log, and what the runner finds reaches the controllers', () => {
    h.assign(1, '192.0.2.1');
    h.configure(1, [NFS], { logLevel: 'debug' });
    expect(h.checks.checks).toEqual([NFS]);
    expect(h.checks.held).toEqual(new Map([['nas', ['192.0.2.1']]]));
    expect(h.logLevels).toEqual(['debug']);
    h.checks.ran('nfs', true);
    expect(h.reported()).toMatchObject({ state: 'Pending' });
    return h.clock.advance(20).then(() => expect(h.reported()).toMatchObject({ state: 'Passing', output: 'fine' }));
  });

  it('follows what is held', () => {
    h.configure(1, [NFS]);
    h.assign(1, '192.0.2.1');
    expect(h.checks.held).toEqual(new Map([['nas', ['192.0.2.1']]]));
    expect(h.agent.serviceInterfaces(NAS)).toEqual(['s0']);
  });

  it('tells a host without VIPs on which of its interfaces they would be', async () => {
    const two = new AgentOnFakes({ interfaces: ['s0', 's1'] });
    await two.leased();
    expect(two.agent.serviceInterfaces(NAS)).toEqual([]);
    two.configure(1, [NFS], { serviceInterfaces: new Map([[NAS, ['s1']]]) });
    expect(two.agent.serviceInterfaces(NAS)).toEqual(['s1']);
    two.assign(1, '192.0.2.1');
    expect(two.agent.serviceInterfaces(NAS)).toEqual(['s0']);
  });
});

describe('a repair', () => {
  beforeEach(() => {
    h.assign(1, '192.0.2.1');
    h.configure(1, [NFS], { repairs });
  });

  it('is run with its deadline and what is held; then the check is run at once', async () => {
    h.checks.ran('nfs', false);
    await h.clock.advance(50);
    expect(h.repairs.calls.map(({ context }) => context)).toEqual([
      { node: 'node-a', pool: 'nas', check: 'nfs', role: 'Holder', vips: ['192.0.2.1'], timeoutMs: 400 },
    ]);
    expect(h.checks.asked).toEqual(['nas/nfs']);
    expect(h.reported()).toMatchObject({ state: 'Failing', repairing: true });
    h.checks.ran('nfs', true);
    await h.clock.advance(50);
    expect(h.reported()).toMatchObject({ state: 'Passing', repairing: false });
  });

  it('that fails is over', async () => {
    h.repairs.behaviour = ({ answer }) => answer({ ok: false, output: 'exit code 1', certain: false });
    h.checks.ran('nfs', false);
    await h.clock.advance(50);
    expect(h.checks.asked).toEqual([]);
    expect(h.reported()).toMatchObject({ state: 'Failing', repairing: false });
  });

  it('that is too slow is ended, and was of no use whatever it says then', async () => {
    h.repairs.behaviour = ({ signal, answer }) => signal.addEventListener('abort', () => answer(GOOD));
    h.checks.ran('nfs', false);
    await h.clock.advance(350);
    expect(h.reported()).toMatchObject({ repairing: true });
    await h.clock.advance(100);
    expect(h.repairs.calls[0]?.signal.aborted).toBe(true);
    expect(h.reported()).toMatchObject({ repairing: false });
  });

  it('is ended by the next one of its pool', async () => {
    h.repairs.behaviour = ({ signal, answer }) => signal.addEventListener('abort', () => answer(GOOD));
    for (const ok of [false, true, false]) {
      h.checks.ran('nfs', ok);
      if (ok) h.checks.ran('nfs', true);
      await h.clock.advance(30);
    }
    expect(h.repairs.calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });
});

describe('the end of the agent', () => {
  it('stops the runner and ends repairs', async () => {
    h.repairs.behaviour = ({ signal, answer }) => signal.addEventListener('abort', () => answer(GOOD));
    h.assign(1, '192.0.2.1');
    h.configure(1, [NFS], { repairs });
    h.checks.ran('nfs', false);
    await h.clock.advance(1);
    await h.stop('handover', 2);
    expect(h.checks.isStopped).toBe(true);
    expect(h.repairs.calls[0]?.signal.aborted).toBe(true);
  });

  it('waits for no run that hangs', async () => {
    h.checks.stop = () => new Promise(() => undefined);
    h.repairs.behaviour = () => undefined;
    h.assign(1, '192.0.2.1');
    h.configure(1, [NFS], { repairs });
    h.checks.ran('nfs', false);
    await h.clock.advance(1);
    await h.stop('keep');
    expect(h.happened().slice(-2)).toEqual(['network stop', 'fence stop']);
  });
});
