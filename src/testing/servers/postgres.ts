import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isListening, type ServerProcess, startServer, userFlags } from './server-process.ts';

const BINARIES = '/usr/lib/postgresql';
const USER = 'postgres';

export interface PostgresOptions {
  /** Holds data and socket; kept after stop(). What a former start left is used again. */
  readonly dir: string;
  /** File of the network namespace ("/proc/PID/ns/net"); default that of this process. */
  readonly netns?: string;
  /** Default 5432. */
  readonly port?: number;
  /** A standby follows nobody here: it is in recovery, and answers queries. Default primary. */
  readonly role?: 'primary' | 'standby';
  /** Of the user postgres, which is then needed over TCP; default: none is needed. */
  readonly password?: string;
  /** Certificate and key in PEM; default: it knows no TLS. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string };
  /** Which connections over TCP it takes. Default all. */
  readonly takes?: 'all' | 'tls' | 'plain';
}

/** How pg_hba.conf calls them. */
const CONNECTIONS = { all: 'host', tls: 'hostssl', plain: 'hostnossl' } as const;

export interface PostgresServer extends ServerProcess {
  readonly port: number;
  /** Makes a standby the primary. */
  promote(): Promise<void>;
}

/** Why there can be no PostgreSQL here; undefined where there can. */
export const missingPostgres = (): string | undefined =>
  binaries() === undefined ? `needs a PostgreSQL server below ${BINARIES} (package postgresql)` : undefined;

/** Directory of the programs of the newest version. */
function binaries(): string | undefined {
  if (!existsSync(BINARIES)) return undefined;
  const newest = readdirSync(BINARIES).sort((a, b) => Number(b) - Number(a));
  return newest.map((version) => join(BINARIES, version, 'bin')).find((bin) => existsSync(join(bin, 'postgres')));
}

/** Starts a server on all addresses of a network namespace, and waits until it takes queries. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { dir, netns, port = 5432, role = 'primary', password, tls, takes = 'all' } = options;
  const bin = binaries();
  if (bin === undefined) throw new Error(missingPostgres());
  const data = join(dir, 'data');
  mkdirSync(dir, { recursive: true });
  if (!existsSync(join(data, 'PG_VERSION'))) await createCluster(bin, dir, data, password);
  const method = password === undefined ? 'trust' : 'scram-sha-256';
  writeFileSync(join(data, 'pg_hba.conf'), `local all all trust\n${CONNECTIONS[takes]} all all all ${method}\n`);
  const [certificate, key] = [join(dir, 'server.crt'), join(dir, 'server.key')];
  if (tls !== undefined) {
    writeFileSync(certificate, tls.certificate);
    writeFileSync(key, tls.privateKey, { mode: 0o600 });
    await promisify(execFile)('chown', [USER, key]);
  }
  const signal = join(data, 'standby.signal');
  if (role === 'standby') writeFileSync(signal, '');
  else rmSync(signal, { force: true });

  const server = await startServer({
    argv: [
      join(bin, 'postgres'),
      '-D',
      data,
      ...Object.entries({
        port: String(port),
        listen_addresses: '*',
        unix_socket_directories: dir,
        // Tests lose no data in a power cut, and need little memory.
        fsync: 'off',
        shared_buffers: '8MB',
        log_connections: 'on',
        ...(tls !== undefined && { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key }),
      }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    ready: async (pid) => {
      if (!(await isListening(pid, port))) return false;
      await promisify(execFile)(join(bin, 'pg_isready'), ['-q', '-h', dir, '-p', String(port)]);
      return true;
    },
    user: USER,
    // SIGTERM would wait for its clients.
    stopSignal: 'SIGINT',
    ...(netns !== undefined && { netns }),
  });
  return {
    ...server,
    port,
    promote: async () => {
      await asUser(join(bin, 'pg_ctl'), 'promote', '-D', data);
    },
  };
}

async function createCluster(bin: string, dir: string, data: string, password: string | undefined): Promise<void> {
  const passwordFile = join(dir, 'initial-password');
  writeFileSync(passwordFile, `${password ?? 'unused'}\n`);
  await promisify(execFile)('chown', ['-R', USER, dir]);
  const flags = ['--no-sync', '--no-instructions', '--locale=C', '--encoding=UTF8', '--wal-segsize=1', '--auth=trust'];
  await asUser(join(bin, 'initdb'), ...flags, `--username=${USER}`, `--pwfile=${passwordFile}`, '-D', data);
}

/** Runs a program of PostgreSQL, which refuses to be root. */
async function asUser(...argv: readonly string[]): Promise<void> {
  await promisify(execFile)('setpriv', [...userFlags(USER), '--', ...argv]);
}
