import { type NodeName, nodeName } from '../../core/ids.ts';
import type { WitnessMessage } from '../../core/witness-messages.ts';
import { ConfirmRequest, ConfirmResponse } from '../../gen/vippool/v1/witness.ts';
import { type Decoded, guarded } from './decoded.ts';
import { name, whole } from './field-checks.ts';
import { readLease } from './term-codec.ts';

type Of<K> = Extract<WitnessMessage, { readonly kind: K }>;

/** Who asks is the node that it asks for. */
export type Question = Of<'confirm-request'>;
export interface Answer {
  readonly from: NodeName;
  readonly message: Of<'confirm-answer'>;
}

export const encodeQuestion = (question: Question): Buffer => Buffer.from(ConfirmRequest.encode(question).finish());

export const encodeAnswer = ({ from, message }: Answer): Buffer =>
  Buffer.from(ConfirmResponse.encode({ from, ...message }).finish());

export const decodeQuestion = (bytes: Uint8Array): Decoded<Question> =>
  guarded(bytes, () => {
    const { node, lease, sequence } = ConfirmRequest.decode(bytes);
    return {
      kind: 'confirm-request',
      node: nodeName(name(node, 'node')),
      lease: readLease(lease),
      sequence: whole(sequence, 'sequence', 1),
    };
  });

export const decodeAnswer = (bytes: Uint8Array): Decoded<Answer> =>
  guarded(bytes, () => {
    const { from, node, lease, sequence, confirmed } = ConfirmResponse.decode(bytes);
    return {
      from: nodeName(name(from, 'from')),
      message: {
        kind: 'confirm-answer',
        node: nodeName(name(node, 'node')),
        lease: readLease(lease),
        sequence: whole(sequence, 'sequence', 1),
        confirmed,
      },
    };
  });
