import type { CheckProbe } from '../../core/checks.ts';
import * as wire from '../../gen/vippool/v1/check.ts';
import { Malformed } from './decoded.ts';
import { codesOf, host, list, oneOf, optionalPath, path, port, prose, whole } from './field-checks.ts';

/** A command has at most so many entries. */
const MAX_COMMAND = 16;
const MAX_NFS_VERSIONS = 2;

const ROLES = {
  Any: wire.DatabaseRole.ANY,
  Primary: wire.DatabaseRole.PRIMARY,
  Standby: wire.DatabaseRole.STANDBY,
} as const;
const ROLE_NAMES = codesOf(ROLES);

export function probeToWire(probe: CheckProbe): NonNullable<wire.Check['probe']> {
  switch (probe.type) {
    case 'tcp':
      return { $case: 'tcp', value: probe };
    case 'http': {
      const [firstStatus, lastStatus] = probe.statuses;
      return { $case: 'http', value: { ...probe, firstStatus, lastStatus } };
    }
    case 'exec':
      return { $case: 'exec', value: probe };
    case 'scripts':
      return { $case: 'scripts', value: probe };
    case 'process':
      return { $case: 'process', value: probe };
    case 'interface':
      return { $case: 'interface', value: probe };
    case 'gateway':
      return { $case: 'gateway', value: probe };
    case 'mount':
      return { $case: 'mount', value: probe };
    case 'device':
      return { $case: 'device', value: probe };
    case 'nfs':
      return { $case: 'nfs', value: probe };
    case 'smb':
      return { $case: 'smb', value: probe };
    case 'postgres':
      return { $case: 'postgres', value: { ...probe, role: ROLES[probe.role] } };
  }
}

export function readProbe(probe: wire.Check['probe']): CheckProbe {
  switch (probe?.$case) {
    case undefined:
      throw new Malformed('missing-field', 'a check is of no known kind');
    case 'http':
      return readHttp(probe.value);
    case 'exec':
      return { type: 'exec', command: readCommand(probe.value.command) };
    case 'scripts':
      return {
        type: 'scripts',
        directory: path(probe.value.directory, 'directory'),
      };
    case 'process':
      return {
        type: 'process',
        process: prose(probe.value.process, 'process'),
        pidFile: optionalPath(probe.value.pidFile, 'pid_file'),
      };
    case 'interface':
      return { type: 'interface', interface: prose(probe.value.interface, 'interface') };
    case 'gateway': {
      const { address, interface: of } = probe.value;
      return {
        type: 'gateway',
        address: address === '' ? '' : host(address, 'address'),
        interface: prose(of, 'interface'),
      };
    }
    case 'mount': {
      const { fsType, writable } = probe.value;
      return { type: 'mount', path: path(probe.value.path, 'path'), fsType: prose(fsType, 'fs_type'), writable };
    }
    case 'device':
      return { type: 'device', path: path(probe.value.path, 'path') };
    case 'nfs':
      return { type: 'nfs', ...readServer(probe.value), versions: readVersions(probe.value.versions) };
    case 'tcp':
      return { type: 'tcp', ...readServer(probe.value) };
    case 'smb':
      return { type: 'smb', ...readServer(probe.value) };
    case 'postgres': {
      const { role, user, database, passwordFile } = probe.value;
      return {
        type: 'postgres',
        ...readServer(probe.value),
        role: oneOf(ROLE_NAMES, role, 'role'),
        user: prose(user, 'user'),
        database: prose(database, 'database'),
        passwordFile: optionalPath(passwordFile, 'password_file'),
      };
    }
  }
}

const readServer = (server: { readonly host: string; readonly port: number }): { host: string; port: number } => ({
  host: host(server.host, 'host'),
  port: port(server.port, 'port'),
});

function readHttp({ url, firstStatus, lastStatus, contains, verifyTls }: wire.HttpProbe): CheckProbe {
  if (!/^https?:\/\/[!-~]+$/.test(prose(url, 'url'))) throw new Malformed('bad-value', 'url is not an http(s) URL');
  const first = whole(firstStatus, 'first_status', 100, 599);
  const last = whole(lastStatus, 'last_status', first, 599);
  return { type: 'http', url, statuses: [first, last], contains: prose(contains, 'contains'), verifyTls };
}

/** A program by its absolute path, and its arguments. */
export function readCommand(command: readonly string[]): string[] {
  path(command[0] ?? '', 'command');
  return list(command, 'command', MAX_COMMAND, (word) => prose(word, 'command'));
}

function readVersions(versions: readonly number[]): (3 | 4)[] {
  const read = list(versions, 'versions', MAX_NFS_VERSIONS, (version) =>
    whole(version, 'versions', 3, 4) === 3 ? 3 : 4,
  );
  if (read.length === 0) throw new Malformed('missing-field', 'versions is empty');
  return read;
}
