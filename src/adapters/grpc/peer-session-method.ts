import type { MethodDefinition } from '@grpc/grpc-js';
import type { ElectorateName } from '../../core/electorate.ts';
import { type ControllerId, controllerId } from '../../core/ids.ts';
import type { PeerMessage } from '../../core/peer-messages.ts';
import {
  PeerServiceService,
  PeerServiceSessionRequest,
  PeerServiceSessionResponse,
} from '../../gen/vippool/v1/peer.ts';
import { type Decoded, guarded, Malformed, said } from './decoded.ts';
import { electorate, name, present } from './field-checks.ts';
import { peerFromWire, peerToWire } from './peer-message-codec.ts';

/** First words of the controller that opens a stream. */
export interface PeerHello {
  readonly kind: 'hello';
  readonly id: ControllerId;
  readonly electorate: ElectorateName;
}

export type CallerWords = Decoded<PeerHello | PeerMessage>;
export type AnswererWords = Decoded<PeerMessage>;

/** The stream of PeerService, with validation as its (de)serializer like the one of agents. */
export const PEER_SESSION: MethodDefinition<CallerWords, AnswererWords> = {
  ...PeerServiceService.session,
  requestSerialize: (words) => {
    const value = said(words);
    const message =
      value.kind === 'hello'
        ? ({ $case: 'hello', value } as const)
        : ({ $case: 'peer', value: peerToWire(value) } as const);
    return Buffer.from(PeerServiceSessionRequest.encode({ message }).finish());
  },
  requestDeserialize: (bytes) =>
    guarded(bytes, () => {
      const { message } = PeerServiceSessionRequest.decode(bytes);
      if (!message) throw new Malformed('unknown-kind', 'the message is of no known kind');
      if (message.$case === 'peer') return peerFromWire(message.value);
      return {
        kind: 'hello' as const,
        id: controllerId(name(message.value.id, 'id')),
        electorate: electorate(message.value.electorate),
      };
    }),
  responseSerialize: (words) =>
    Buffer.from(PeerServiceSessionResponse.encode({ peer: peerToWire(said(words)) }).finish()),
  responseDeserialize: (bytes) =>
    guarded(bytes, () => peerFromWire(present(PeerServiceSessionResponse.decode(bytes).peer, 'peer'))),
};
