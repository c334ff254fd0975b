/** A login with SCRAM-SHA-256 (RFC 5802, RFC 7677), the client's side. */
import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { WrongAnswer } from './wire.ts';

export const SCRAM_MECHANISM = 'SCRAM-SHA-256';

const KEY_BYTES = 32;
/** A server's default is 4096; far more would keep a thread of ours busy for as long as the server likes. */
const MAX_ROUNDS = 200_000;
/** No binding to the TLS below it. */
const HEADER = 'n,,';

const derive = promisify(pbkdf2);

interface Keys {
  readonly client: Buffer;
  readonly server: Buffer;
}

/** What a server says first: its part of the nonce, and how it keeps the password. */
interface Challenge {
  readonly nonce: string;
  readonly salt: string;
  readonly rounds: number;
}

/**
 * Keys of one login. They are the same as long as the password and what the server says about it are, and to derive them
 * costs more than all the rest of a check.
 */
export class ScramKeys {
  #of = '';
  #keys: Promise<Keys> | undefined;

  get(password: string, { salt, rounds }: Challenge): Promise<Keys> {
    const of = JSON.stringify([password, salt, rounds]);
    if (this.#of !== of || this.#keys === undefined) {
      this.#of = of;
      this.#keys = derived(password, salt, rounds);
    }
    return this.#keys;
  }
}

async function derived(password: string, salt: string, rounds: number): Promise<Keys> {
  // SASLprep, but for letters of which nobody makes passwords.
  const prepared = password.replaceAll(/[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g, ' ').normalize('NFKC');
  const salted = await derive(prepared, Buffer.from(salt, 'base64'), rounds, KEY_BYTES, 'sha256');
  return { client: hmac(salted, 'Client Key'), server: hmac(salted, 'Server Key') };
}

/** One exchange. The server learns that we know the password, and has to show that it knows it too. */
export class ScramExchange {
  readonly #user: string;
  readonly #nonce: string;
  readonly #keys: ScramKeys;
  #signature: Buffer = Buffer.alloc(0);

  /** @param nonce printable, without commas; new for each exchange */
  constructor(user: string, nonce: string, keys: ScramKeys) {
    this.#user = user.replaceAll('=', '=3D').replaceAll(',', '=2C');
    this.#nonce = nonce;
    this.#keys = keys;
  }

  get first(): string {
    return `${HEADER}${this.#firstBare}`;
  }

  /** The answer to the first message of the server. Throws WrongAnswer. */
  async final(serverFirst: string, password: string): Promise<string> {
    const challenge = challengeIn(serverFirst);
    if (!challenge.nonce.startsWith(this.#nonce)) throw noLogin();
    const keys = await this.#keys.get(password, challenge);
    const bare = `c=${Buffer.from(HEADER).toString('base64')},r=${challenge.nonce}`;
    const message = `${this.#firstBare},${serverFirst},${bare}`;
    const signature = hmac(createHash('sha256').update(keys.client).digest(), message);
    this.#signature = hmac(keys.server, message);
    const proof = keys.client.map((byte, index) => byte ^ (signature[index] ?? 0));
    return `${bare},p=${Buffer.from(proof).toString('base64')}`;
  }

  /** Throws WrongAnswer where the server does not know the password. */
  verify(serverFinal: string): void {
    const signature = Buffer.from(/^v=([^,]+)/.exec(serverFinal)?.[1] ?? '', 'base64');
    if (signature.length !== KEY_BYTES || !timingSafeEqual(signature, this.#signature)) throw noLogin();
  }

  get #firstBare(): string {
    return `n=${this.#user},r=${this.#nonce}`;
  }
}

function challengeIn(serverFirst: string): Challenge {
  const [, nonce = '', salt = '', rounds = ''] = /^r=([!-+\--~]+),s=([^,]+),i=(\d{1,9})(?:,|$)/.exec(serverFirst) ?? [];
  const challenge = { nonce, salt, rounds: Number(rounds) };
  if (nonce === '' || challenge.rounds < 1 || challenge.rounds > MAX_ROUNDS) throw noLogin();
  return challenge;
}

const noLogin = (): WrongAnswer => new WrongAnswer(`sent something that is no ${SCRAM_MECHANISM} login`);

const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();
