/** Codes of failed operations at the edge of the process. */
export type OpErrorCode =
  'Unavailable' | 'DeadlineExceeded' | 'NotFound' | 'Conflict' | 'PermissionDenied' | 'InvalidInput' | 'Internal';

/** The one error class: every adapter maps what its library throws to it. */
export class OpError extends Error {
  readonly code: OpErrorCode;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;

  constructor(code: OpErrorCode, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'OpError';
    this.code = code;
    this.retryable =
      options.retryable ?? (code === 'Unavailable' || code === 'DeadlineExceeded' || code === 'Conflict');
  }
}
