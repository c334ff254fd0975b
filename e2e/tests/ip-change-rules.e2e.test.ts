import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWith, firstMissing } from '../../src/testing/requirements.ts';
import { lenient } from '../lib/bounds.ts';
import { missingForLab } from '../lib/requirements.ts';
import { missingServices } from '../lib/services.ts';
import { type Fault, HOSTS, type Scene } from '../matrix/fault.ts';
import { faultNamed } from '../matrix/faults/index.ts';
import { takeover } from '../matrix/promises.ts';
import { startStage } from '../matrix/systems/stage.ts';
import { type Trial, tryOnce } from '../matrix/trial.ts';

/** What is promised at once may wait for a busy machine, but no longer than a probe may. */
const GRACE_MS = 100;
/** Faults last longer than it takes to notice them. */
const WATCH_MS = takeover('default') + 300;
const TEST_MS = 60_000;

describeWith(firstMissing(missingForLab(), missingServices()), 'VIPs of hosts with NFS, SMB and a database', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await startStage({ system: 'vippool', profile: 'default', stage: 'services', awayMs: 1_000 });
  }, 120_000);

  afterAll(async () => {
    await scene?.stop();
  }, 30_000);

  /** How many checks have failed so far, by host. */
  const failures = (): number[] =>
    HOSTS.map((host) => scene.cluster.agent(host).log().split('"message":"check has failed"').length - 1);

  /** What holds on a machine that stands still as well. */
  const safely = async (fault: Fault): Promise<Trial> => {
    const trial = await tryOnce(scene, fault, WATCH_MS);
    expect(trial.failure).toBeUndefined();
    expect(trial.twoHoldersMs).toBe(0);
    return trial;
  };

  /** The fault takes every VIP of a host away in time, and its end brings each back, once. Never two holders. */
  const takesAndReturns = async (name: string): Promise<void> => {
    const fault = faultNamed(name);
    const before = failures();
    let trial = await safely(fault);
    // Where the machine stood still, checks of other hosts failed as well, and rightly so: times and moves say nothing then.
    const ill = failures().filter((count, host) => count > (before[host] ?? 0)).length;
    if (ill > 1) trial = await safely(fault);
    expect(trial.unanswered).toEqual([]);
    expect(trial.outageMs).toBeLessThanOrEqual(lenient(fault.promised('default')) + GRACE_MS);
    expect(trial.returnOutageMs).toBeLessThanOrEqual(lenient(fault.promisedBack('default')) + GRACE_MS);
    expect(trial.homeMs).toBeLessThanOrEqual(lenient(fault.promisedHome?.('default') ?? 0));
    expect(trial.extraMoves).toBe(0);
  };

  describe('on a member', () => {
    it('A10 service paused: taken over; resumed: returned', () => takesAndReturns('maintenance'), TEST_MS);
    it('A10 NIC unplugged: taken over; replugged: returned', () => takesAndReturns('nic-unplugged'), TEST_MS);
    it('A10 host shut down: taken over; up again: returned', () => takesAndReturns('shut-down'), TEST_MS);
    it('A10 host rebooted: taken over; up again: returned', () => takesAndReturns('reboot'), TEST_MS);
    it('A10 host without power: taken over; up again: returned', () => takesAndReturns('no-power'), TEST_MS);
    it('A9 A10 NFS process stopped: taken over; running again: returned', () => takesAndReturns('nfs-killed'), TEST_MS);
    it('A9 A10 NFS hangs: taken over; answers again: returned', () => takesAndReturns('nfs-paused'), TEST_MS);
    it(
      'A9 A10 NFS answers wrongly: taken over; rightly again: returned',
      () => takesAndReturns('nfs-wrong-answer'),
      TEST_MS,
    );
    it('A9 A10 SMB process stopped: taken over; running again: returned', () => takesAndReturns('smb-killed'), TEST_MS);
    it('A9 A10 SMB hangs: taken over; answers again: returned', () => takesAndReturns('smb-paused'), TEST_MS);
    it('A9 A10 SMB refuses: taken over; accepts again: returned', () => takesAndReturns('smb-refusing'), TEST_MS);
    it(
      'A9 A10 SMB answers wrongly: taken over; rightly again: returned',
      () => takesAndReturns('smb-wrong-answer'),
      TEST_MS,
    );
    it('A9 disk full: taken over; room again: returned', () => takesAndReturns('disk-full'), TEST_MS);
    it('A9 mount hangs: taken over; answers again: returned', () => takesAndReturns('mount-hung'), TEST_MS);
    it('A9 database stopped: taken over; running again: returned', () => takesAndReturns('postgres-stopped'), TEST_MS);
  });

  // Of each kind. `make e2e` has the rest: whatever check fails, mastership leaves by the same way.
  describe("on the master's host, mastership moves too", () => {
    it('A10 service paused: re-elected, taken over, returned', () => takesAndReturns('master-maintenance'), TEST_MS);
    it('A10 NIC unplugged: re-elected, taken over, returned', () => takesAndReturns('master-nic-unplugged'), TEST_MS);
    it('A10 host shut down: re-elected, taken over, returned', () => takesAndReturns('master-shut-down'), TEST_MS);
    it('A10 host rebooted: re-elected, taken over, returned', () => takesAndReturns('master-reboot'), TEST_MS);
    it('A10 host without power: re-elected, taken over, returned', () => takesAndReturns('master-no-power'), TEST_MS);
    it(
      'A9 A10 NFS process stopped: re-elected, taken over, returned',
      () => takesAndReturns('master-nfs-killed'),
      TEST_MS,
    );
    it('A9 A10 SMB hangs: re-elected, taken over, returned', () => takesAndReturns('master-smb-paused'), TEST_MS);
  });
});
