/**
 * The datagrams of the member probe: "VPMP", the version of the format, what it is, a nonce, then what belongs to it. No
 * secret is in them and nothing is decided by one alone, so they are not signed; an answer is no longer than a question.
 */
import { controllerId, type ControllerId, nodeName, type NodeName } from '../../core/ids.ts';

export type Datagram =
  | { readonly kind: 'question'; readonly nonce: bigint; readonly term: number; readonly controller: ControllerId }
  | { readonly kind: 'answer'; readonly nonce: bigint; readonly node: NodeName };

const MAGIC = 'VPMP';
const VERSION = 1;
const QUESTION = 1;
const ANSWER = 2;
/** Magic, version, kind, nonce. */
const HEADER_BYTES = 14;
const NAME_BYTES = 253;
const NAME = /^[\w.-]+$/;

export function encodeDatagram(datagram: Datagram): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header.writeUInt8(VERSION, 4);
  header.writeUInt8(datagram.kind === 'question' ? QUESTION : ANSWER, 5);
  header.writeBigUInt64BE(datagram.nonce, 6);
  if (datagram.kind === 'answer') return Buffer.concat([header, Buffer.from(datagram.node, 'utf8')]);
  const term = Buffer.alloc(8);
  term.writeBigUInt64BE(BigInt(datagram.term));
  return Buffer.concat([header, term, Buffer.from(datagram.controller, 'utf8')]);
}

/** Undefined: malformed, or of another version. */
export function decodeDatagram(bytes: Buffer): Datagram | undefined {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 4) !== MAGIC || bytes.readUInt8(4) !== VERSION) {
    return undefined;
  }
  const nonce = bytes.readBigUInt64BE(6);
  switch (bytes.readUInt8(5)) {
    case QUESTION: {
      if (bytes.length < HEADER_BYTES + 8) return undefined;
      const term = Number(bytes.readBigUInt64BE(HEADER_BYTES));
      const id = nameIn(bytes, HEADER_BYTES + 8);
      if (id === undefined || !Number.isSafeInteger(term)) return undefined;
      return { kind: 'question', nonce, term, controller: controllerId(id) };
    }
    case ANSWER: {
      const node = nameIn(bytes, HEADER_BYTES);
      return node === undefined ? undefined : { kind: 'answer', nonce, node: nodeName(node) };
    }
    default:
      return undefined;
  }
}

function nameIn(bytes: Buffer, from: number): string | undefined {
  const length = bytes.length - from;
  if (length < 1 || length > NAME_BYTES) return undefined;
  const name = bytes.toString('utf8', from);
  return NAME.test(name) ? name : undefined;
}
