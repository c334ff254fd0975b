import { OpError } from '../../core/op-error.ts';

/** Runs one file operation; what it throws becomes an OpError that says what failed on which path and what to do. */
export function attempt<T>(verb: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const code = codeOf(cause);
    const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
    throw new OpError(
      denied ? 'PermissionDenied' : 'Unavailable',
      `cannot ${verb} ${path} (${code}); it needs a directory of its own that it may write to (--state-dir)`,
      { cause },
    );
  }
}

/** The system's name of an error ("ENOENT"). */
export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
