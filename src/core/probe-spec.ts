import { parsePoolAddress } from './address-range.ts';
import type { CheckProbe, CheckType } from './checks.ts';
import {
  HEALTH_CONTROLLER_MESSAGES,
  HEALTH_MESSAGES,
  HEALTH_PATTERNS,
  MAX_COMMAND_ENTRIES,
  type TypedField,
} from './health-messages.ts';
import type { Field } from './manifest-field.ts';
import { SCHEMA_MESSAGES } from './pool-messages.ts';

export type ProbeFields = Readonly<Record<TypedField, Field>>;

const PATTERNS = {
  hostName: new RegExp(HEALTH_PATTERNS.hostName),
  onlyDigits: new RegExp(HEALTH_PATTERNS.onlyDigits),
  url: new RegExp(HEALTH_PATTERNS.url),
  path: new RegExp(HEALTH_PATTERNS.path),
  upwards: new RegExp(HEALTH_PATTERNS.upwards),
  program: new RegExp(HEALTH_PATTERNS.program),
  shell: new RegExp(HEALTH_PATTERNS.shell),
  shellOption: new RegExp(HEALTH_PATTERNS.shellOption),
  operator: new RegExp(HEALTH_PATTERNS.operator),
  process: new RegExp(HEALTH_PATTERNS.process),
  interfaceName: new RegExp(HEALTH_PATTERNS.interfaceName),
  fsType: new RegExp(HEALTH_PATTERNS.fsType),
};

/** Reads the fields of one type of check; what the type needs and `item` lacks is reported there. */
export function readProbe(type: CheckType, item: Field, fields: ProbeFields): CheckProbe {
  const need = (name: TypedField, message: string): void => {
    if (fields[name].isAbsent) item.report(message);
  };
  switch (type) {
    case 'tcp':
      need('port', HEALTH_MESSAGES.needsPort);
      return { type, host: readHost(fields.host), port: readPort(fields.port) ?? 0 };
    case 'http':
      need('url', HEALTH_MESSAGES.needsUrl);
      return { type, ...readHttp(fields) };
    case 'exec':
      need('command', HEALTH_MESSAGES.needsCommand);
      return { type, command: readCommand(fields.command) };
    case 'scripts':
      need('directory', HEALTH_MESSAGES.needsDirectory);
      return { type, directory: readPath(fields.directory) };
    case 'process':
      if (fields.process.isAbsent === fields.pidFile.isAbsent) item.report(HEALTH_MESSAGES.needsProcess);
      return { type, process: readProcess(fields.process), pidFile: readPath(fields.pidFile) };
    case 'interface':
      return { type, interface: readInterfaceName(fields.interface) };
    case 'gateway':
      return { type, address: readGateway(fields.address), interface: readInterfaceName(fields.interface) };
    case 'mount':
      need('path', HEALTH_MESSAGES.needsMountPath);
      return {
        type,
        path: readPath(fields.path),
        fsType: matching(fields.fsType, PATTERNS.fsType, HEALTH_MESSAGES.fsType),
        writable: fields.writable.boolean() ?? false,
      };
    case 'device':
      need('path', HEALTH_MESSAGES.needsDevicePath);
      return { type, path: readPath(fields.path) };
    case 'nfs':
      return {
        type,
        host: readHost(fields.host),
        port: readPort(fields.port) ?? 2049,
        versions: readVersions(fields.versions),
      };
    case 'smb':
      return { type, host: readHost(fields.host), port: readPort(fields.port) ?? 445 };
    case 'postgres':
      return {
        type,
        host: readHost(fields.host),
        port: readPort(fields.port) ?? 5432,
        role: fields.databaseRole.choice(['Any', 'Primary', 'Standby']) ?? 'Any',
        user: fields.user.shortText(63) ?? 'postgres',
        database: fields.database.shortText(63) ?? 'postgres',
        passwordFile: readPath(fields.passwordFile),
      };
  }
}

/** A program with its arguments, as it stands in checks and repairs; empty where it is absent or wrong. */
export function readCommand(field: Field): readonly string[] {
  const items = field.texts(MAX_COMMAND_ENTRIES, '["/checks/app.sh"]');
  if (items === undefined) return [];
  const [program, option] = items;
  if (program === undefined) return field.report(HEALTH_CONTROLLER_MESSAGES.noCommand) ?? [];
  const words = items.map((item) => item.shortText(256) ?? '');
  if (!isProgram(words[0] ?? '')) program.report(HEALTH_MESSAGES.program);
  if (PATTERNS.shell.test(words[0] ?? '') && PATTERNS.shellOption.test(words[1] ?? '')) {
    option?.report(HEALTH_MESSAGES.shell);
  }
  for (const item of items.slice(1))
    if (PATTERNS.operator.test(String(item.value))) item.report(HEALTH_MESSAGES.operator);
  return words;
}

const isProgram = (text: string): boolean => PATTERNS.program.test(text) && !PATTERNS.upwards.test(text);

function readHost(field: Field): string {
  const text = field.shortText(253);
  if (text === undefined) return '127.0.0.1';
  const isName = PATTERNS.hostName.test(text) && !PATTERNS.onlyDigits.test(text);
  return isName || parsePoolAddress(text) ? text : (field.report(HEALTH_MESSAGES.host) ?? '');
}

const readPort = (field: Field): number | undefined => field.integer(1, 65_535);

function readHttp(fields: ProbeFields): Omit<Extract<CheckProbe, { type: 'http' }>, 'type'> {
  return {
    url: matching(fields.url, PATTERNS.url, HEALTH_MESSAGES.url, 1024),
    statuses: readStatuses(fields.statuses),
    contains: fields.contains.shortText(256) ?? '',
    verifyTls: fields.verifyTls.boolean() ?? true,
  };
}

function readStatuses(field: Field): readonly [number, number] {
  const members = field.members(['first', 'last'], '{ first: 200, last: 299 }');
  const [first, last] = [members.first.integer(100, 599), members.last.integer(100, 599)];
  if (typeof field.value === 'object' && (members.first.isAbsent || members.last.isAbsent)) {
    field.report(HEALTH_CONTROLLER_MESSAGES.noStatus);
  }
  if (first !== undefined && last !== undefined && first > last) field.report(HEALTH_MESSAGES.statuses);
  return [first ?? 200, last ?? 399];
}

/** Empty where it is absent. */
function readPath(field: Field): string {
  const text = field.shortText(1024);
  if (text === undefined) return '';
  if (!PATTERNS.path.test(text) || PATTERNS.upwards.test(text)) field.report(HEALTH_MESSAGES.path);
  return text;
}

const readProcess = (field: Field): string => matching(field, PATTERNS.process, HEALTH_MESSAGES.process);

function readInterfaceName(field: Field): string {
  const text = matching(field, PATTERNS.interfaceName, SCHEMA_MESSAGES.interfaceName);
  if (text === '.' || text === '..') field.report(SCHEMA_MESSAGES.interfaceName);
  return text;
}

function readGateway(field: Field): string {
  const text = field.text();
  if (text === undefined) return '';
  return parsePoolAddress(text) ? text : (field.report(HEALTH_MESSAGES.gateway) ?? '');
}

function readVersions(field: Field): readonly (3 | 4)[] {
  const items = field.items(2, '[3, 4]');
  if (items === undefined) return [4];
  if (items.length === 0) field.report(HEALTH_CONTROLLER_MESSAGES.noVersions);
  field.refuseRepeated(items);
  const versions = items.map(({ value }) => value);
  for (const item of items) {
    if (item.value !== 3 && item.value !== 4) item.report(HEALTH_CONTROLLER_MESSAGES.versions);
  }
  return versions.filter((version) => version === 3 || version === 4);
}

/** Empty where it is absent. */
function matching(field: Field, pattern: RegExp, message: string, max = 253): string {
  const text = field.shortText(max);
  if (text === undefined) return '';
  return pattern.test(text) ? text : (field.report(message) ?? '');
}
