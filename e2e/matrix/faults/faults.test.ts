import { expect, it } from '@jest/globals';
import { PROFILES, timingOf } from '../promises.ts';
import { FAULTS, faultNamed } from './index.ts';

it('has every fault that reports are read for, each once', () => {
  const names = FAULTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(
    expect.arrayContaining(
      (
        'none kill freeze poweroff svc-down svc-blackhole mgmt-down partition service-crash stop move master-kill ' +
        'master-poweroff etcd-down api-down nfs-paused smb-paused smb-refusing disk-full mount-hung maintenance shut-down reboot ' +
        'master-nfs-killed master-nfs-paused master-nfs-wrong-answer master-smb-killed master-smb-paused ' +
        'master-smb-refusing master-smb-wrong-answer master-maintenance master-nic-unplugged master-shut-down ' +
        'master-reboot master-no-power'
      ).split(' '),
    ),
  );
});

it('finds the crash of a service by the name of the service as well', () => {
  expect(faultNamed('nfs-killed')).toBe(faultNamed('service-crash'));
});

it('promises what the timing profiles can keep: a lease has to run out, with its margin', () => {
  for (const profile of PROFILES) {
    const { leaseMs, marginMs } = timingOf(profile);
    const confirmations = Math.ceil(leaseMs * 1.51 + marginMs);
    const promised = faultNamed('poweroff').promised(profile);
    expect(promised).toBeGreaterThan(leaseMs * 1.01 + marginMs);
    expect(faultNamed('two-faults').promised(profile)).toBe(promised + confirmations);
    expect(faultNamed('thousand-poweroff').promised(profile)).toBe(promised + 150);
  }
});
