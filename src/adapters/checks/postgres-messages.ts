/** Messages of the PostgreSQL protocol, version 3, as far as a login and one question need them. */
import { createHash } from 'node:crypto';
import { type Wire, WrongAnswer } from './wire.ts';

/** Type and length come before the content of a message; the length counts itself. */
const HEAD_BYTES = 5;
/** Far more than all that a server says until a short query is answered. */
const ANSWER_BYTES = 64 * 1024;
/** What may come: authentication, errors, notices, parameters, keys, readiness, rows. */
const TYPES = 'RENSKZTDC';
const PROTOCOL_VERSION = 3 << 16;
/** Asks for TLS in the place of a version. */
const TLS_VERSION = 80_877_103;

/** One message of the server. */
export interface ServerMessage {
  readonly type: string;
  readonly content: Buffer;
}

export const notPostgres = (): WrongAnswer => new WrongAnswer('sent something that is no answer of PostgreSQL');
export const unexpected = (): WrongAnswer => new WrongAnswer('sent something that makes no sense here');

/** Reads message by message. What is not well formed, and an answer without end, is a WrongAnswer. */
export class PostgresReader {
  readonly #wire: Pick<Wire, 'readSome'>;
  #held: Buffer;
  #bytes = 0;

  /** @param held what was read before */
  constructor(wire: Pick<Wire, 'readSome'>, held: Buffer = Buffer.alloc(0)) {
    this.#wire = wire;
    this.#held = held;
  }

  async next(): Promise<ServerMessage> {
    for (;;) {
      const message = this.#take();
      if (message !== undefined) return message;
      const bytes = await this.#wire.readSome();
      this.#bytes += bytes.length;
      if (this.#bytes > ANSWER_BYTES) throw new WrongAnswer(`answers more than ${ANSWER_BYTES / 1024} KiB`);
      this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    }
  }

  /** undefined where it has not arrived completely. */
  #take(): ServerMessage | undefined {
    if (this.#held.length < HEAD_BYTES) return undefined;
    const type = this.#held.toString('latin1', 0, 1);
    const length = this.#held.readUInt32BE(1);
    if (!TYPES.includes(type) || length < 4 || length > ANSWER_BYTES) throw notPostgres();
    const end = 1 + length;
    if (this.#held.length < end) return undefined;
    const content = this.#held.subarray(HEAD_BYTES, end);
    this.#held = this.#held.subarray(end);
    return { type, content };
  }
}

/** The number at the beginning of an authentication message. */
export function authenticationIn(content: Buffer): number {
  if (content.length < 4) throw notPostgres();
  return content.readUInt32BE(0);
}

/** SQLSTATE and text of an error. */
export function errorIn(content: Buffer): { readonly code: string; readonly text: string } {
  const fields = new Map(textsIn(content).map((field) => [field.slice(0, 1), field.slice(1)]));
  return { code: fields.get('C') ?? '', text: fields.get('M') ?? '' };
}

/** Texts, each with a zero byte behind it, and one zero byte behind all. */
export function textsIn(content: Buffer): readonly string[] {
  if (content.length < 2 ? content.at(0) !== 0 : content.readUInt16BE(content.length - 2) !== 0) throw notPostgres();
  return content.toString('utf8').split('\0').slice(0, -2);
}

/** The only value of a row that has one, as text. */
export function valueIn(content: Buffer): string {
  if (content.length < 6 || content.readUInt16BE(0) !== 1) throw unexpected();
  const length = content.readInt32BE(2);
  if (length !== content.length - 6) throw unexpected();
  return content.toString('utf8', 6);
}

export function tlsRequest(): Buffer {
  const message = Buffer.alloc(8);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(TLS_VERSION, 4);
  return message;
}

/** The first message of a connection. @param parameters names and values, in turn */
export function startup(parameters: readonly string[]): Buffer {
  const head = Buffer.alloc(8);
  const content = Buffer.from(`${parameters.join('\0')}\0\0`);
  head.writeUInt32BE(head.length + content.length, 0);
  head.writeUInt32BE(PROTOCOL_VERSION, 4);
  return Buffer.concat([head, content]);
}

/** Any later message. */
export function clientMessage(type: string, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(4 + bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** A length and so many bytes. */
export function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The password as servers ask for it that keep it as an MD5 sum. */
export function md5Password(user: string, password: string, salt: Uint8Array): string {
  const md5 = (...parts: readonly (string | Uint8Array)[]): string =>
    parts.reduce((hash, part) => hash.update(part), createHash('md5')).digest('hex');
  return `md5${md5(md5(password, user), salt)}`;
}
