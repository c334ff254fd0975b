import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingProgram } from '../missing.ts';
import { isListening, type ServerProcess, startServer } from './server-process.ts';

export interface SambaOptions {
  /** Holds configuration, state and the share; kept after stop(). */
  readonly dir: string;
  /** File of the network namespace ("/proc/PID/ns/net"); default that of this process. */
  readonly netns?: string;
  /** Default 445. */
  readonly port?: number;
  /** The newest dialect that it speaks: "SMB3" (default), "SMB2", or "NT1" for SMB 1 only. */
  readonly maxProtocol?: string;
}

export interface SambaServer extends ServerProcess {
  readonly port: number;
  /** Directory behind //HOST/share, which guests may read and write. */
  readonly share: string;
}

/** Why there can be no Samba here; undefined where there can. */
export const missingSamba = (): string | undefined => missingProgram('smbd', 'samba');

/** Starts smbd with one share on all addresses of a network namespace, and waits until it listens. */
export async function startSamba({ dir, netns, port = 445, maxProtocol = 'SMB3' }: SambaOptions): Promise<SambaServer> {
  const share = join(dir, 'share');
  const state = join(dir, 'state');
  for (const made of [share, state, join(state, 'ncalrpc')]) mkdirSync(made, { recursive: true });
  const configuration = join(dir, 'smb.conf');
  const directories = ['lock', 'state', 'cache', 'pid', 'private'].map((kind) => `${kind} directory = ${state}`);
  writeFileSync(
    configuration,
    [
      '[global]',
      'server role = standalone server',
      `smb ports = ${port}`,
      `server max protocol = ${maxProtocol}`,
      `server min protocol = ${maxProtocol === 'NT1' ? 'NT1' : 'SMB2'}`,
      ...directories,
      `ncalrpc dir = ${join(state, 'ncalrpc')}`,
      `log file = ${join(dir, 'smbd.log')}`,
      'disable netbios = yes',
      'disable spoolss = yes',
      'load printers = no',
      'map to guest = Bad User',
      'guest account = root',
      '[share]',
      `path = ${share}`,
      'guest ok = yes',
      'read only = no',
      '',
    ].join('\n'),
  );
  const server = await startServer({
    // In a process group of its own, by default: all of its group ends with it.
    argv: ['smbd', '--foreground', `--configfile=${configuration}`],
    ready: (pid) => isListening(pid, port),
    ...(netns !== undefined && { netns }),
  });
  return { ...server, port, share };
}
