import { readFileSync } from 'node:fs';
import { OpError } from '../../core/op-error.ts';

export interface HostIdentity {
  /** machine-id(5): 32 hex digits, the same over reboots, different on every host. */
  readonly machineId: string;
  /** UUID, new with every boot. */
  readonly bootId: string;
}

export interface HostIdentityFiles {
  readonly machineId: string;
  readonly bootId: string;
}

const FILES: HostIdentityFiles = { machineId: '/etc/machine-id', bootId: '/proc/sys/kernel/random/boot_id' };

/** Throws OpError: NotFound where a file is missing, InvalidInput where it holds no id. */
export function readHostIdentity(files: HostIdentityFiles = FILES): HostIdentity {
  return {
    machineId: readId(
      files.machineId,
      /^[0-9a-f]{32}$/,
      'make it with `systemd-machine-id-setup`, or in a container mount that of the host',
    ),
    bootId: readBootId(files.bootId),
  };
}

/** The boot alone, for processes that speak for no host. Throws OpError as `readHostIdentity` does. */
export function readBootId(file = FILES.bootId): string {
  return readId(file, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'mount /proc');
}

function readId(path: string, form: RegExp, remedy: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new OpError('NotFound', `${path} cannot be read: ${remedy}`, { cause });
  }
  if (!form.test(text)) throw new OpError('InvalidInput', `${path} holds no id ("${text}"): ${remedy}`);
  return text;
}
