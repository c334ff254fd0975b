import {
  authenticationIn,
  clientMessage,
  counted,
  errorIn,
  md5Password,
  type PostgresReader,
  textsIn,
  unexpected,
} from './postgres-messages.ts';
import { SCRAM_MECHANISM, ScramExchange, type ScramKeys } from './scram.ts';
import { type Wire, WrongAnswer } from './wire.ts';

const OK = 0;
const CLEARTEXT = 3;
const MD5 = 5;
const SASL = 10;
const SASL_CONTINUE = 11;
const SASL_FINAL = 12;

/** The server says that something is wrong; the message is its text. */
export class PostgresRefusal extends Error {
  /** SQLSTATE: five characters. */
  readonly code: string;

  constructor(content: Buffer) {
    const { code, text } = errorIn(content);
    super(text);
    this.code = code;
  }
}

/** The server wants a login, and there is no password. */
export class LoginWanted extends Error {}

export interface Login {
  readonly user: string;
  /** undefined: there is none, and nothing is tried, since the server's log would fill with failed logins. */
  readonly password: string | undefined;
  readonly keys: ScramKeys;
  /** Printable, and new for each login. */
  readonly nonce: string;
}

/**
 * Answers what the server asks until it takes questions. Rejects with LoginWanted, PostgresRefusal, WrongAnswer, or as
 * the wire does.
 */
export async function logIn(wire: Pick<Wire, 'write'>, reader: PostgresReader, login: Login): Promise<void> {
  const { user, password, nonce } = login;
  const scram = new ScramExchange(user, nonce, login.keys);
  let welcome = false;
  for (;;) {
    const { type, content } = await reader.next();
    if (type === 'E') throw new PostgresRefusal(content);
    if (type === 'N' || (welcome && (type === 'S' || type === 'K'))) continue;
    if (welcome && type === 'Z') return;
    if (welcome || type !== 'R') throw unexpected();
    const kind = authenticationIn(content);
    const rest = content.subarray(4);
    if (kind === OK) {
      welcome = true;
      continue;
    }
    // Whatever is not well formed is no question.
    const mechanisms = kind === SASL ? textsIn(rest) : [];
    if (password === undefined) throw new LoginWanted();
    switch (kind) {
      case CLEARTEXT:
        wire.write(clientMessage('p', `${password}\0`));
        break;
      case MD5:
        wire.write(clientMessage('p', `${md5Password(user, password, rest)}\0`));
        break;
      case SASL:
        if (!mechanisms.includes(SCRAM_MECHANISM)) throw unsupported(mechanisms.join(' or '));
        wire.write(clientMessage('p', Buffer.concat([Buffer.from(`${SCRAM_MECHANISM}\0`), counted(scram.first)])));
        break;
      case SASL_CONTINUE:
        wire.write(clientMessage('p', await scram.final(rest.toString(), password)));
        break;
      case SASL_FINAL:
        scram.verify(rest.toString());
        break;
      default:
        throw unsupported(`method ${kind}`);
    }
  }
}

const unsupported = (what: string): WrongAnswer =>
  new WrongAnswer(`wants a login by ${what}, of which checks know nothing: allow them a password`);
