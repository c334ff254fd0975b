/**
 * What an author of health checks reads when they are wrong. The CEL rules of the CRDs say the same words where the API
 * server can check the same thing; tests compare both.
 */
import type { CheckType } from './checks.ts';

/** Most checks of one pool. */
export const MAX_POOL_CHECKS = 32;

/** Most entries of a command. */
export const MAX_COMMAND_ENTRIES = 16;

/** In the order in which they are told. */
export const CHECK_TYPES = [
  'tcp',
  'http',
  'exec',
  'scripts',
  'process',
  'interface',
  'gateway',
  'mount',
  'device',
  'nfs',
  'smb',
  'postgres',
] as const satisfies readonly CheckType[];

/** Which types have a field; a field that is not here is one of every check. */
export const TYPES_OF_FIELD = {
  host: ['tcp', 'nfs', 'smb', 'postgres'],
  port: ['tcp', 'nfs', 'smb', 'postgres'],
  url: ['http'],
  statuses: ['http'],
  contains: ['http'],
  verifyTls: ['http'],
  command: ['exec'],
  directory: ['scripts'],
  process: ['process'],
  pidFile: ['process'],
  interface: ['interface', 'gateway'],
  address: ['gateway'],
  path: ['mount', 'device'],
  fsType: ['mount'],
  writable: ['mount'],
  versions: ['nfs'],
  databaseRole: ['postgres'],
  user: ['postgres'],
  database: ['postgres'],
  passwordFile: ['postgres'],
} as const satisfies Readonly<Record<string, readonly CheckType[]>>;

export type TypedField = keyof typeof TYPES_OF_FIELD;

/** The field stands in a check of a type that has no such field. */
export function belongsElsewhere(field: TypedField): string {
  const types: readonly string[] = TYPES_OF_FIELD[field];
  const owners = types.length < 2 ? types.join('') : `${types.slice(0, -1).join(', ')} or ${types.at(-1)}`;
  return `${field} belongs to checks of type ${owners}: remove it here, or write such a type`;
}

/** Patterns that the schema and the parser share, in a syntax that RE2 and JavaScript read alike. */
export const HEALTH_PATTERNS = {
  checkName: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
  hostName: '^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$',
  /** Looks like a host name, and was meant to be an address. */
  onlyDigits: '^[0-9.]+$',
  url: '^https?://([A-Za-z0-9.-]+|[[][0-9A-Fa-f:.]+])(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?][!-~]*)?$',
  /** From the root, printable, and nowhere "..". */
  path: '^/[ -~]*$',
  upwards: '(^|/)[.][.](/|$)',
  /** No blanks and nothing that only a shell would understand. */
  program: '^/[A-Za-z0-9@%+=:,._/-]+$',
  shell: '(^|/)(ba|da|a|z|k|c|tc|fi)?sh$',
  shellOption: '^-[a-z]*c$',
  operator: '^([|]|[|][|]|&|&&|;|[0-9]?[<>]|[0-9]?>>|2>&1)$',
  process: '^[!-.0-~][ -~]{0,14}$',
  interfaceName: '^[^/ \\t\\n\\r\\f\\v:]{1,15}$',
  fsType: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
} as const;

export const HEALTH_MESSAGES = {
  checkName:
    'not the name of a check: write at most 63 lower-case letters, digits and "-", with a letter or digit at both ends, for example "nfs"',
  intervalRange: 'out of range: write 100ms to 1h',
  timeoutRange: 'out of range: write 10ms to 1h',
  timeoutAboveInterval: 'longer than the interval: write at most the interval, or a longer interval',
  needsPort: 'a check of type tcp needs a port: write for example port: 2049',
  needsUrl: 'a check of type http needs a url: write for example url: http://127.0.0.1:8080/health',
  needsCommand: 'a check of type exec needs a command: write for example command: ["/checks/app.sh"]',
  needsDirectory: 'a check of type scripts needs a directory: write for example directory: /checks/nas',
  needsProcess: 'a check of type process needs either process or pidFile: write for example process: smbd',
  needsMountPath: 'a check of type mount needs a path: write for example path: /export',
  needsDevicePath: 'a check of type device needs a path: write for example path: /dev/md0',
  host: 'not a host: write a name or an address, for example "127.0.0.1" or "db.example.com"',
  url: 'not a URL: write http:// or https://, a host without user and password, and a path, for example "http://127.0.0.1:8080/health"',
  statuses: 'the range is inverted: write the lower status code as first',
  path: 'not an absolute path: write it from the root and without "..", for example "/export"',
  program:
    'not the absolute path of a program: no shell reads it, so write the path alone, and each argument as an entry of its own, for example ["/checks/app.sh", "--fast"]',
  shell:
    'a shell with a text to run: put the text into a file of the check directory, and write its path, for example ["/checks/app.sh"]',
  operator:
    'only a shell would understand this: put pipes and redirections into a file of the check directory, and write its path',
  process: 'not the name of a process: write 1 to 15 characters as in /proc/PID/comm, for example "smbd"',
  gateway: 'not an address: write the address of the gateway, for example "192.0.2.1" or "2001:db8::1"',
  fsType: 'not a type of file system: write it as in /proc/mounts, for example "ext4" or "fuse.bindfs"',
  deadlineRange: 'out of range: write 100ms to 10m',
  baseRange: 'out of range: write at most 1h; 0s switches damping off',
  maxRange: 'out of range: write 1s to 24h',
  windowRange: 'out of range: write 1s to 24h',
  maxBelowBase: 'shorter than base: write at least as much as base',
} as const;

/** Where the API server has words of its own. */
export const HEALTH_CONTROLLER_MESSAGES = {
  nameTwice: (name: string): string => `another check is called ${name}: give each check of the pool its own name`,
  unknownType: (type: string, nearest: string | undefined): string =>
    `unknown type ${type}: ${nearest === undefined ? `the` : `did you mean ${nearest}? The`} types are ${CHECK_TYPES.join(', ')}`,
  noType: `a check needs a type: write one of ${CHECK_TYPES.join(', ')}`,
  noName: 'a check needs a name: write for example name: nfs',
  noCommand:
    'no command: write the absolute path of a program, then its arguments, for example ["/checks/app.sh", "--fast"]',
  noVersions: 'no versions: write [3], [4] or [3, 4]',
  noRepairCommand: 'a repair needs a command: write for example command: ["/checks/repair.sh"]',
  noStatus: 'a range of status codes needs both: write { first: 200, last: 299 }',
  versions: 'not a version of NFS: write 3 or 4',
} as const;
