import { describe, expect, it } from '@jest/globals';
import { type AgentHost, holdingHost, leasedHost } from '../../testing/agent-host.ts';
import { check } from '../../testing/core-builders.ts';
import type { Check } from '../checks.ts';
import { poolName } from '../ids.ts';

const NAS = poolName('nas');
const REPAIR = { command: ['/checks/repair.sh'], attempts: 2, deadlineMs: 10_000, windowMs: 0 };
const NFS = check('nfs', { fall: 1, rise: 3 });

/** Holds VIPs, and its check has passed. */
const passing = (checks: readonly Check[] = [NFS], repair = REPAIR): AgentHost => {
  const host = holdingHost().configure(100, 1, checks, { repairs: new Map([[NAS, repair]]) });
  for (const { name } of checks) host.ran(200, name, true);
  return host;
};

const answer = (host: AgentHost, now: number, ok: boolean, number = host.state.health.repairNumber): AgentHost =>
  host.at(now, { kind: 'repaired', pool: NAS, number, ok, output: ok ? 'restarted' : 'exit code 1' });

const reported = (host: AgentHost): unknown => host.said('health').at(-1)?.checks[0];

describe('a repair', () => {
  it('begins when a check fails that would take the VIPs away, and is reported', () => {
    const host = passing().ran(300, 'nfs', false);
    expect(host.done('repair')).toEqual([
      { kind: 'repair', pool: NAS, number: 1, check: NFS.name, repair: REPAIR, vips: ['192.0.2.1', '192.0.2.2'] },
    ]);
    expect(reported(host)).toMatchObject({ state: 'Failing', repairing: true });
  });

  it.each([
    ['nothing is held', leasedHost(), NFS],
    ['only the preference suffers', holdingHost(), check('nfs', { fall: 1, severity: 'Degrade' })],
  ])('does not begin where %s', (_, host, declared) => {
    host.configure(100, 1, [declared], { repairs: new Map([[NAS, REPAIR]]) }).ran(200, 'nfs', false);
    expect(host.done('repair')).toEqual([]);
    expect(reported(host)).toMatchObject({ state: 'Failing', repairing: false });
  });

  it('does not begin where none is declared', () => {
    const host = holdingHost().configure(100, 1, [NFS]).ran(200, 'nfs', false);
    expect(host.done('repair')).toEqual([]);
    expect(reported(host)).toMatchObject({ state: 'Failing', repairing: false });
  });

  it('that was good has the checks run at once, and one good run ends it', () => {
    const host = answer(passing().ran(300, 'nfs', false), 400, true);
    expect(host.done('run-check')).toEqual([{ kind: 'run-check', pool: NAS, name: 'nfs' }]);
    expect(host.state.health.repairs.size).toBe(1);
    host.ran(500, 'nfs', true);
    expect(reported(host)).toMatchObject({ state: 'Passing', repairing: false });
    expect(host.state.health.repairs.size).toBe(0);
  });

  it('is over as soon as the check is well, whether its command has ended or not', () => {
    const host = passing().ran(300, 'nfs', false).ran(800, 'nfs', true);
    expect(reported(host)).toMatchObject({ state: 'Passing', repairing: false });
    expect(answer(host, 900, false).done('repair')).toEqual([]);
  });

  it('that failed is tried again, and then given up: the check is what it is', () => {
    const host = passing().ran(300, 'nfs', false);
    expect(answer(host, 400, false).done('repair')).toMatchObject([{ number: 2 }]);
    answer(host, 500, false);
    expect(host.done('repair')).toEqual([]);
    expect(reported(host)).toMatchObject({ state: 'Failing', repairing: false });
    expect(host.ran(600, 'nfs', false).done('repair')).toEqual([]);
  });

  it('that was good and did not help counts as tried, by a run that began after it', () => {
    const host = answer(passing().ran(300, 'nfs', false), 400, true);
    expect(host.ran(450, 'nfs', false, { durationMs: 100 }).done('repair')).toEqual([]);
    expect(host.ran(500, 'nfs', false, { durationMs: 5 }).done('repair')).toMatchObject([{ number: 2 }]);
    answer(host, 600, true);
    host.ran(700, 'nfs', false);
    expect(reported(host)).toMatchObject({ repairing: false });
  });

  it('that nobody answers for counts as tried two seconds after its deadline', () => {
    const host = passing([check('nfs', { fall: 1, intervalMs: 60_000 })])
      .ran(300, 'nfs', false)
      .keepLease(12_300);
    expect(host.state.health.repairs.get(NAS)?.number).toBe(1);
    expect(host.keepLease(12_500).state.health.repairs.get(NAS)).toMatchObject({ number: 2, attempt: 2 });
    expect(host.keepLease(24_600).state.health.repairs.size).toBe(0);
    expect(host.holds()).toHaveLength(2);
  });

  it('that no run follows is given up', () => {
    const host = answer(passing([NFS], { ...REPAIR, attempts: 1 }).ran(300, 'nfs', false), 500, true);
    expect(host.state.health.repairs.get(NAS)?.until).toBe(500 + 2 * NFS.timeoutMs + 2_000);
    expect(host.keepLease(4_500).state.health.repairs.size).toBe(1);
    expect(host.keepLease(4_700).state.health.repairs.size).toBe(0);
  });

  it('waits for every check of the pool that has failed', () => {
    const host = passing([NFS, check('smb', { fall: 1 })])
      .ran(300, 'nfs', false)
      .ran(330, 'smb', false);
    expect(host.done('repair')).toEqual([]);
    expect(answer(host, 500, true).done('run-check')).toHaveLength(2);
    expect(host.ran(600, 'nfs', true).state.health.repairs.size).toBe(1);
    expect(host.ran(630, 'smb', false).done('repair')).toMatchObject([{ number: 2 }]);
  });

  it('is over when the VIPs are gone, or it is not declared any more', () => {
    expect(passing().ran(300, 'nfs', false).assign(400, 2, []).state.health.repairs.size).toBe(0);
    const host = passing().ran(300, 'nfs', false).configure(400, 2, [NFS]);
    expect(host.state.health.repairs.size).toBe(0);
    expect(reported(host)).toMatchObject({ state: 'Failing', repairing: false });
  });

  it('begins anew when the check was well in between; the answer to an earlier command says nothing', () => {
    const host = passing().ran(300, 'nfs', false).ran(400, 'nfs', true).ran(500, 'nfs', false);
    expect(host.done('repair')).toMatchObject([{ number: 2 }]);
    expect(answer(host, 600, true, 1).effects).toEqual([]);
    expect(answer(host, 700, true).done('run-check')).toHaveLength(1);
  });

  it('that helps each time is tried `attempts` times within the window, and then the VIPs leave', () => {
    const host = passing([NFS], { ...REPAIR, windowMs: 600_000 });
    for (let minute = 0; minute < 2; minute++) {
      const at = 300 + minute * 60_000;
      answer(host.keepLease(at).ran(at, 'nfs', false), at + 100, true).ran(at + 200, 'nfs', true);
      expect(reported(host)).toMatchObject({ state: 'Passing' });
    }
    host.keepLease(120_300).ran(120_300, 'nfs', false);
    expect(reported(host)).toMatchObject({ state: 'Failing', repairing: false });
    expect(host.done('repair')).toEqual([]);
    host.ran(120_400, 'nfs', true).ran(120_500, 'nfs', true).ran(120_600, 'nfs', true);
    expect(host.keepLease(600_300).ran(600_300, 'nfs', false).done('repair')).toMatchObject([{ number: 3 }]);
  });

  it('mends an interface as well', () => {
    const link = { name: 's0', mac: '', carrier: true, addresses: ['192.0.2.9/24'] };
    const nic = check('nic', { probe: { type: 'interface', interface: 's0' } });
    const host = holdingHost()
      .at(50, { kind: 'interfaces', interfaces: [link] })
      .configure(100, 1, [nic], { repairs: new Map([[NAS, REPAIR]]) });
    host.at(500, { kind: 'interfaces', interfaces: [{ ...link, carrier: false }] });
    expect(host.done('repair')).toHaveLength(1);
    host.at(600, { kind: 'interfaces', interfaces: [link] });
    expect(host.state.health.repairs.size).toBe(0);
  });
});
