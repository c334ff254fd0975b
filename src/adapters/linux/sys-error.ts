import { constants } from 'node:os';
import { OpError } from '../../core/op-error.ts';

const NAMES = new Map<number, string>();
for (const [name, number] of Object.entries(constants.errno)) {
  if (!NAMES.has(number)) NAMES.set(number, name);
}

/** "EEXIST" for 17; the number as text where it has no name. */
export const errnoName = (errno: number): string => NAMES.get(errno) ?? String(errno);

/** A system call that failed. Stays inside this adapter; `toOpError` maps it at the edge. */
export class SysError extends Error {
  /** "EPERM" */
  readonly code: string;

  constructor(call: string, errno: number) {
    super(`${call}: ${errnoName(errno)}`);
    this.name = 'SysError';
    this.code = errnoName(errno);
  }
}

/** What a failed system call means to the rest of the process; other errors pass through unchanged. */
export function toOpError(error: unknown, doing: string): unknown {
  if (!(error instanceof SysError)) return error;
  if (error.code === 'EPERM' || error.code === 'EACCES') {
    const message = `${doing}: not permitted (${error.message}); run the agent as root or give it CAP_NET_ADMIN and CAP_NET_RAW`;
    return new OpError('PermissionDenied', message, { cause: error });
  }
  if (error.code === 'ENOBUFS' || error.code === 'ENOMEM' || error.code === 'EMFILE') {
    return new OpError('Unavailable', `${doing}: out of kernel resources (${error.message})`, { cause: error });
  }
  return new OpError('Internal', `${doing}: ${error.message}`, { cause: error });
}
