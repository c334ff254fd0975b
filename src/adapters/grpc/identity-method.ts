import type { MethodDefinition } from '@grpc/grpc-js';
import { IdentityServiceService, SignRequest, SignResponse } from '../../gen/vippool/v1/identity.ts';
import type { SignRequest as Request } from '../../ports/identity-service.ts';
import { type Decoded, guarded, said } from './decoded.ts';

/** Of IdentityService; a bad message is a value that the receiver counts and refuses. */
export const SIGN: MethodDefinition<Decoded<Request>, Decoded<string>> = {
  ...IdentityServiceService.sign,
  requestSerialize: (words) => {
    const { token, request } = said(words);
    return Buffer.from(SignRequest.encode({ token, certificateRequest: Buffer.from(request) }).finish());
  },
  requestDeserialize: (bytes) =>
    guarded(bytes, () => {
      const { token, certificateRequest } = SignRequest.decode(bytes);
      return { token, request: certificateRequest };
    }),
  responseSerialize: (words) => Buffer.from(SignResponse.encode({ certificate: said(words) }).finish()),
  responseDeserialize: (bytes) => guarded(bytes, () => SignResponse.decode(bytes).certificate),
};
