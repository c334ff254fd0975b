import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { firstMissing, missingProgram } from '../missing.ts';
import { isListening, type ServerProcess, startServer } from './server-process.ts';

export interface GaneshaOptions {
  /** Holds configuration, state and the export; kept after stop(). */
  readonly dir: string;
  /** File of the network namespace ("/proc/PID/ns/net"); there can be one server in each, since rpcbind has one port. */
  readonly netns: string;
  /** Default 2049. */
  readonly port?: number;
  /** Default 3 and 4. */
  readonly versions?: readonly (3 | 4)[];
  /** How long clients may reclaim after a start, where there were any. Default 5. */
  readonly graceSeconds?: number;
}

export interface GaneshaServer extends ServerProcess {
  readonly port: number;
  /** Directory behind the export: nfs://HOST/export in version 4, and its own path in version 3. */
  readonly exported: string;
}

/** Why there can be no NFS server here; undefined where there can. */
export const missingGanesha = (): string | undefined =>
  firstMissing(
    missingProgram('ganesha.nfsd', 'nfs-ganesha and nfs-ganesha-vfs'),
    missingProgram('rpcbind', 'rpcbind'),
    missingProgram('nfs-ls', 'libnfs-utils'),
  );

/** Starts an NFS server with one export on all addresses of a network namespace, and waits until it serves it. */
export async function startGanesha(options: GaneshaOptions): Promise<GaneshaServer> {
  const { dir, netns, port = 2049, versions = [3, 4] } = options;
  const exported = join(dir, 'export');
  for (const made of [exported, join(dir, 'recovery')]) mkdirSync(made, { recursive: true });
  const configuration = join(dir, 'ganesha.conf');
  writeFileSync(configuration, configurationOf(options, exported));
  const rpcbind = await startRpcbind(netns, dir);
  try {
    const log = join(dir, 'ganesha.log');
    // Its own /run is that of rpcbind.
    const inside = ['nsenter', `--mount=/proc/${rpcbind.pid}/ns/mnt`, '--'];
    const server = await startServer({
      argv: [...inside, 'ganesha.nfsd', '-F', '-f', configuration, '-p', join(dir, 'pid'), '-L', log],
      ready: async (pid) => (await isListening(pid, port)) && (await lists(netns, port, versions, exported)),
      netns,
    });
    return {
      ...server,
      port,
      exported,
      stop: () => server.stop().then(() => rpcbind.kill()),
      kill: () => server.kill().then(() => rpcbind.kill()),
    };
  } catch (error) {
    await rpcbind.kill();
    throw error;
  }
}

/** Whether the export can be listed. */
async function lists(netns: string, port: number, versions: readonly number[], exported: string): Promise<boolean> {
  const url = versions.includes(4)
    ? `nfs://127.0.0.1/export?version=4&nfsport=${port}`
    : `nfs://127.0.0.1${exported}?version=3&nfsport=${port}`;
  await promisify(execFile)('nsenter', [`--net=${netns}`, '--', 'nfs-ls', url], { timeout: 5_000 });
  return true;
}

/**
 * A server of NFS 3 wants to tell an rpcbind of itself. This one has its own /run, where `dir` stays in its place, and its
 * own process namespace: it changes its user, after which the kernel would not end it together with us.
 */
function startRpcbind(netns: string, dir: string): Promise<ServerProcess> {
  const kept = 'mkdir -p "$1" && mount --no-canonicalize --bind . "$1"';
  const script = `cd "$1" && mount -t tmpfs tmpfs /run && ${kept} && mkdir /run/rpcbind && rpcbind -f & wait`;
  return startServer({
    argv: ['unshare', '--mount', '--pid', '--fork', '--kill-child=KILL', 'sh', '-c', script, 'sh', dir],
    ready: (pid) => isListening(pid, 111),
    netns,
  });
}

function configurationOf(
  { dir, port = 2049, versions = [3, 4], graceSeconds = 5 }: GaneshaOptions,
  exported: string,
): string {
  const protocols = versions.join(', ');
  return `
NFS_CORE_PARAM { Protocols = ${protocols}; NFS_Port = ${port}; Enable_NLM = false; Enable_RQUOTA = false; }
NFSv4 {
  Grace_Period = ${graceSeconds}; Lease_Lifetime = ${graceSeconds};
  RecoveryBackend = fs; RecoveryRoot = ${join(dir, 'recovery')};
}
EXPORT {
  Export_Id = 1; Path = ${exported}; Pseudo = /export; Protocols = ${protocols};
  Access_Type = RW; Squash = No_root_squash; SecType = sys;
  FSAL { Name = VFS; }
}
`;
}
