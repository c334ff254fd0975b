import type { MethodDefinition } from '@grpc/grpc-js';
import { PeerServiceService } from '../../gen/vippool/v1/peer.ts';
import { type Decoded, measured, said } from './decoded.ts';
import {
  decodePeerRequest,
  decodePeerResponse,
  encodePeerRequest,
  encodePeerResponse,
  type PeerFrame,
} from './peer-message-codec.ts';

export type PeerWords = Decoded<PeerFrame>;

/** The stream of PeerService; a bad message is a value that the receiver counts and refuses. */
export const EXCHANGE: MethodDefinition<PeerWords, PeerWords> = {
  ...PeerServiceService.exchange,
  requestSerialize: (words) => encodePeerRequest(said(words)),
  requestDeserialize: measured(decodePeerRequest),
  responseSerialize: (words) => encodePeerResponse(said(words)),
  responseDeserialize: decodePeerResponse,
};
