import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { firstMissing, missingProgram } from '../../src/testing/missing.ts';
import { missingGanesha, startGanesha } from '../../src/testing/servers/ganesha.ts';
import { missingPostgres, startPostgres } from '../../src/testing/servers/postgres.ts';
import { missingSamba, startSamba } from '../../src/testing/servers/samba.ts';
import { missingFileSystems, ServedMount, SmallDisk } from './file-systems.ts';
import { type Host, HOST_ROOT, type HostPart } from './host.ts';
import { Service } from './service.ts';

/** As the processes of every host see them. */
export const NFS_PID_FILE = join(HOST_ROOT, 'nfs/pid');
export const SMB_PID_FILE = join(HOST_ROOT, 'smb/state/smbd.pid');
export const DATABASE_PID_FILE = join(HOST_ROOT, 'database/data/postmaster.pid');
export const DISK_PATH = join(HOST_ROOT, 'disk');
export const EXPORT_PATH = join(HOST_ROOT, 'export');

/** Why hosts cannot have these services here; undefined where they can. */
export const missingServices = (): string | undefined =>
  firstMissing(
    missingGanesha(),
    missingSamba(),
    missingPostgres(),
    missingProgram('nft', 'nftables'),
    missingFileSystems(),
  );

/** An NFS server, an SMB server, a database and two file systems on a host: they go with its power. */
export class HostServices implements HostPart {
  readonly nfs: Service;
  readonly smb: Service;
  readonly database: Service;
  readonly disk: SmallDisk;
  readonly exported: ServedMount;
  #up: Promise<unknown> = Promise.resolve();

  private constructor(host: Host) {
    const netns = `/run/netns/${host.name}`;
    const dir = (name: string): string => join(host.root, name);
    const namespace = host.name;
    this.nfs = new Service({
      name: 'nfs',
      port: 2049,
      namespace,
      start: () => startGanesha({ dir: dir('nfs'), netns, versions: [4] }),
    });
    this.smb = new Service({
      name: 'smb',
      port: 445,
      namespace,
      start: () => startSamba({ dir: dir('smb'), netns }),
    });
    this.database = new Service({
      name: 'database',
      port: 5432,
      namespace,
      start: () => startPostgres({ dir: dir('database'), netns }),
    });
    this.disk = new SmallDisk(dir('disk'), join(host.directory, 'disk.img'));
    this.exported = new ServedMount(dir('export'), join(host.directory, 'exported'));
  }

  /** Makes them a part of the host, and resolves when all of them answer. Before anything that shall see the mounts. */
  static async start(host: Host): Promise<HostServices> {
    host.shareMounts();
    mkdirSync(join(host.root, 'nfs'));
    const services = new HostServices(host);
    services.disk.create();
    services.exported.create();
    host.add(services);
    services.powerOn();
    await services.up();
    return services;
  }

  /** Resolves when everything that was started answers. @throws Error with what the one said that did not start. */
  async up(): Promise<void> {
    await this.#up;
  }

  powerOn(): void {
    this.disk.mount();
    this.#up = Promise.all([this.exported.mount(), ...this.#all.map((service) => service.start())]);
    // Whoever needs them calls up().
    this.#up.catch(() => undefined);
  }

  async powerOff(): Promise<void> {
    await Promise.all([this.exported.unmount(), ...this.#all.map((service) => service.kill())]);
    this.disk.unmount();
  }

  async shutDown(): Promise<void> {
    await Promise.all(this.#all.map((service) => service.stop()));
  }

  get #all(): readonly Service[] {
    return [this.nfs, this.smb, this.database];
  }
}
