import { WrongAnswer } from './wire.ts';

/** Type and length come before the content of a message; the length counts itself. */
const HEAD_BYTES = 5;
/** Far more than all that a server says until a one-word query is answered. */
const ANSWER_BYTES = 64 * 1024;
const AUTHENTICATION_OK = 0;
const AUTHENTICATION_SASL = 10;
const FIELD_BYTES = 18;

/**
 * Lets through, message by message, what a PostgreSQL server may say to a client that logs in and asks one question
 * (protocol version 3). The client library searches for the ends of texts without looking at the end of the message:
 * an answer that is not well formed would keep it, and the whole process, busy for ever.
 */
export class PostgresGate {
  #held = Buffer.alloc(0);
  #bytes = 0;
  #asksForLogin = false;

  /** Whether the server asked for a password or the like. */
  get asksForLogin(): boolean {
    return this.#asksForLogin;
  }

  /** The complete messages, as they are; the rest is kept for the next time. Throws WrongAnswer. */
  pass(bytes: Buffer): Buffer {
    this.#bytes += bytes.length;
    if (this.#bytes > ANSWER_BYTES) throw new WrongAnswer(`answers more than ${ANSWER_BYTES / 1024} KiB`);
    this.#held = Buffer.concat([this.#held, bytes]);
    let end = 0;
    while (this.#held.length >= end + HEAD_BYTES) {
      const type = String.fromCharCode(this.#held.readUInt8(end));
      const length = this.#held.readUInt32BE(end + 1);
      if (!(type in SHAPES) || length < 4 || length > ANSWER_BYTES) throw notPostgres();
      const next = end + 1 + length;
      if (this.#held.length < next) break;
      this.#check(type, new Reader(this.#held.subarray(end + HEAD_BYTES, next)));
      end = next;
    }
    const passed = this.#held.subarray(0, end);
    this.#held = this.#held.subarray(end);
    return passed;
  }

  #check(type: string, content: Reader): void {
    SHAPES[type]?.(content);
    if (type === 'R' && content.peekWord() !== AUTHENTICATION_OK) this.#asksForLogin = true;
  }
}

const notPostgres = (): WrongAnswer => new WrongAnswer('sent something that is no answer of PostgreSQL');

/** Walks over a content; throws WrongAnswer where it would leave it. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  peekWord(): number {
    if (this.#bytes.length < 4) throw notPostgres();
    return this.#bytes.readUInt32BE(0);
  }

  skip(length: number): void {
    this.#at += length;
    if (this.#at > this.#bytes.length) throw notPostgres();
  }

  /** Length of a text that ends with a zero byte. */
  text(): number {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw notPostgres();
    const length = end - this.#at;
    this.#at = end + 1;
    return length;
  }

  count(): number {
    this.skip(2);
    return this.#bytes.readUInt16BE(this.#at - 2);
  }
}

/** What is in each kind of message that may come. */
const SHAPES: Readonly<Record<string, (content: Reader) => void>> = {
  // Authentication, with a list of mechanisms where it is SASL.
  R: (content) => {
    const kind = content.peekWord();
    content.skip(4);
    if (kind === AUTHENTICATION_SASL) while (content.text() > 0);
  },
  // ParameterStatus
  S: (content) => {
    content.text();
    content.text();
  },
  // BackendKeyData
  K: (content) => content.skip(8),
  // ReadyForQuery
  Z: (content) => content.skip(1),
  E: fields,
  N: fields,
  // RowDescription
  T: (content) => {
    for (let left = content.count(); left > 0; left--) {
      content.text();
      content.skip(FIELD_BYTES);
    }
  },
  // DataRow: lengths are checked by the library.
  D: (content) => void content.count(),
  // CommandComplete
  C: (content) => void content.text(),
};

/** ErrorResponse and NoticeResponse: texts with a letter before each, until there is a zero instead of a letter. */
function fields(content: Reader): void {
  while (content.text() > 0);
}
