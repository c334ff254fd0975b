import {
  EtcdLeaseInvalidError,
  EtcdPermissionDeniedError,
  GRPCCancelledError,
  GRPCDeadlineExceededError,
  GRPCInternalError,
  GRPCUnauthenticatedError,
  GRPCUnavailableError,
  GRPCUnknownError,
} from 'etcd3';
import { OpError } from '../../core/op-error.ts';
import { errorText } from '../../core/error-text.ts';

/** Whatever the library throws, as the project's error; `what` is the operation. */
export function toOpError(what: string, error: unknown): OpError {
  if (error instanceof OpError) return error;
  const message = `etcd ${what} failed: ${errorText(error)}`;
  if (error instanceof GRPCDeadlineExceededError) return new OpError('DeadlineExceeded', message, { cause: error });
  if (
    error instanceof GRPCUnavailableError ||
    error instanceof GRPCCancelledError ||
    error instanceof GRPCInternalError ||
    error instanceof GRPCUnknownError
  ) {
    return new OpError('Unavailable', message, { cause: error });
  }
  if (error instanceof EtcdPermissionDeniedError || error instanceof GRPCUnauthenticatedError) {
    return new OpError('PermissionDenied', message, { cause: error });
  }
  if (error instanceof EtcdLeaseInvalidError) return new OpError('NotFound', message, { cause: error });
  return new OpError('Internal', message, { cause: error });
}
