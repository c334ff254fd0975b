/** What happens to the services behind the VIPs, and to the hosts of them. All on hosts whose pool checks them. */
import { serviceNicDown } from '../../lib/faults.ts';
import type { HostServices } from '../../lib/services.ts';
import { sleep } from '../../lib/wait.ts';
import { ALL, type Fault, type Heal, type Roles, type Scene, type SystemName } from '../fault.ts';
import {
  booted,
  checkFailed,
  exitNoticed,
  handover,
  linkLoss,
  type Promised,
  redirected,
  rejoined,
  relieved,
  takeover,
  wellAgain,
} from '../promises.ts';

/** For how long a host that reboots has no power. */
const REBOOT_MS = 500;

/** A master hands over only after so long in office, to a controller whose node has been well for as long. */
const CALM_MS = 11_000;

type Role = keyof Pick<Roles, 'holder' | 'master'>;

/** Something that happens to one host, whichever that is. */
interface HostFault {
  readonly name: string;
  /** What happens to it, to be followed by "a holder" or "the master's host". */
  readonly does: string;
  readonly heals: string;
  readonly promised: Promised;
  readonly promisedBack?: Promised;
  readonly promisedHome: Promised;
  readonly behind?: boolean;
  readonly systems?: readonly SystemName[];
  /** Before anything is measured. */
  prepare?(scene: Scene, host: string): Promise<unknown>;
  inflict(scene: Scene, host: string): Promise<Heal> | Heal;
}

const on = (role: Role, name: string, fault: HostFault): Fault => ({
  promisedBack: handover,
  ...fault,
  name,
  does: `${fault.does} ${role === 'holder' ? 'a holder' : "the master's host, which holds VIPs as well"}`,
  stage: 'services',
  leaves: role,
  prepare: (scene, roles) => Promise.resolve(fault.prepare?.(scene, roles[role])),
  inflict: (scene, roles) => fault.inflict(scene, roles[role]),
});

const onHolder = (fault: HostFault): Fault => on('holder', fault.name, fault);
/** Mastership moves as well. */
const onMaster = (fault: HostFault): Fault => ({
  ...on('master', `master-${fault.name}`, fault),
  systems: ['vippool'],
  newMaster: true,
});
/** By a hand-over: the host lives, and is ill or drained. */
const onIllMaster = (fault: HostFault): Fault => ({
  ...onMaster(fault),
  prepare: (scene, { master }) => Promise.all([fault.prepare?.(scene, master), sleep(CALM_MS)]),
});

/** The service is broken while its host answers for the VIPs as if nothing had happened. */
const broken = (
  name: string,
  does: string,
  heals: string,
  promised: Promised,
  inflict: (services: HostServices) => Promise<Heal> | Heal,
): HostFault => ({
  name,
  does,
  heals,
  promised,
  promisedHome: wellAgain,
  behind: true,
  systems: ALL,
  inflict: (scene, host) => inflict(scene.services(host)),
});

const nfsKilled = broken(
  'nfs-killed',
  'SIGKILL for the NFS server of',
  'it is started again',
  exitNoticed,
  async ({ nfs }) => {
    await nfs.kill();
    return () => nfs.start();
  },
);

const smbPaused = broken('smb-paused', 'SIGSTOP for the SMB server of', 'SIGCONT', checkFailed, ({ smb }) =>
  smb.pause(),
);

const nfsPaused = broken('nfs-paused', 'SIGSTOP for the NFS server of', 'SIGCONT', checkFailed, ({ nfs }) =>
  nfs.pause(),
);

const smbKilled = broken(
  'smb-killed',
  'SIGKILL for the SMB server of',
  'it is started again',
  exitNoticed,
  async ({ smb }) => {
    await smb.kill();
    return () => smb.start();
  },
);

const smbRefusing = broken(
  'smb-refusing',
  'the SMB port refuses connections, on',
  'it takes them again',
  checkFailed,
  ({ smb }) => smb.refuse(),
);

/** It speaks another protocol all of a sudden. What does so runs before anything is measured. */
function wrongAnswer(service: 'nfs' | 'smb', name: string): HostFault {
  let answerWrongly: (() => () => Promise<void>) | undefined;
  const fault = broken(
    `${service}-wrong-answer`,
    `whoever asks the ${name} server is answered in another protocol, on`,
    'it is the right one again',
    checkFailed,
    () => {
      if (!answerWrongly) throw new Error('inflicted before it was prepared');
      return answerWrongly();
    },
  );
  return {
    ...fault,
    async prepare(scene, host) {
      answerWrongly = await scene.services(host)[service].prepareWrongAnswer();
    },
  };
}

const nfsWrong = wrongAnswer('nfs', 'NFS');
const smbWrong = wrongAnswer('smb', 'SMB');

const maintenance: HostFault = {
  name: 'maintenance',
  does: '`spec.maintenance` is set in the NodeHealth of',
  heals: 'it is taken back',
  promised: handover,
  promisedHome: relieved,
  inflict: (scene, host) => scene.maintain(host),
};

const nicUnplugged: HostFault = {
  name: 'nic-unplugged',
  does: 'the service NIC loses its carrier, on',
  heals: 'it is plugged in again',
  promised: linkLoss,
  promisedBack: redirected,
  promisedHome: wellAgain,
  systems: ALL,
  inflict: ({ lab }, host) => serviceNicDown(lab.host(host)),
};

const noPower: HostFault = {
  name: 'no-power',
  does: 'power off, services and all, for',
  heals: 'power on',
  promised: takeover,
  promisedBack: rejoined,
  promisedHome: booted,
  systems: ALL,
  async inflict({ lab }, host) {
    await lab.host(host).powerOff();
    return () => lab.host(host).powerOn();
  },
};

const shutDown: HostFault = {
  name: 'shut-down',
  does: 'SIGTERM for everything, then power off, for',
  heals: 'power on',
  promised: handover,
  promisedBack: rejoined,
  promisedHome: booted,
  systems: ALL,
  async inflict({ lab }, host) {
    await lab.host(host).shutDown();
    return () => lab.host(host).powerOn();
  },
};

const reboot: HostFault = {
  name: 'reboot',
  does: `SIGTERM for everything, then no power for ${REBOOT_MS} ms, for`,
  heals: 'nobody has to do anything',
  promised: handover,
  promisedHome: booted,
  systems: ALL,
  async inflict({ lab }, name) {
    const host = lab.host(name);
    await host.shutDown();
    await sleep(REBOOT_MS);
    host.powerOn();
    return () => undefined;
  },
};

/** The plainest end of a service: systems are compared by it. */
const serviceCrash: Fault = { ...onHolder(nfsKilled), name: 'service-crash', alias: nfsKilled.name };

const holderFaults: readonly HostFault[] = [
  nfsPaused,
  smbPaused,
  smbKilled,
  smbRefusing,
  broken('disk-full', 'the disk is full, on', 'there is room again', checkFailed, ({ disk }) => disk.fill()),
  broken('mount-hung', 'SIGSTOP for what serves a mounted file system on', 'SIGCONT', checkFailed, ({ exported }) =>
    exported.hang(),
  ),
  broken(
    'postgres-stopped',
    'the database is stopped, on',
    'it is started again',
    checkFailed,
    async ({ database }) => {
      await database.stop();
      return () => database.start();
    },
  ),
  maintenance,
  nicUnplugged,
  shutDown,
  reboot,
  noPower,
];

/** What a master lives through, and hands over for. */
const illnesses: readonly HostFault[] = [
  nfsKilled,
  nfsPaused,
  nfsWrong,
  smbKilled,
  smbPaused,
  smbRefusing,
  smbWrong,
  maintenance,
  nicUnplugged,
];

export const serviceFaults: readonly Fault[] = [
  serviceCrash,
  ...[...holderFaults, nfsWrong, smbWrong].map(onHolder),
  ...illnesses.map(onIllMaster),
  ...[shutDown, reboot, noPower].map(onMaster),
];
