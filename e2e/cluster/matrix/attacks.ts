/** What strangers try at the ports of controllers and agents, and what has to come of it. Pure. */
import type { ControllerId, NodeName } from '../../../src/core/ids.ts';
import { encodeAgentMessage } from '../../../src/adapters/grpc/agent-message-codec.ts';
import { encodePeerRequest } from '../../../src/adapters/grpc/peer-message-codec.ts';
import { EXCHANGE } from '../../../src/adapters/grpc/peer-method.ts';
import { SIGN } from '../../../src/adapters/grpc/identity-method.ts';
import { SESSION } from '../../../src/adapters/grpc/session-method.ts';
import { encodeQuestion } from '../../../src/adapters/grpc/witness-message-codec.ts';
import { CONFIRM } from '../../../src/adapters/grpc/witness-method.ts';
import { epoch, incarnation } from '../../../src/core/ids.ts';
import type { KeyMaterial } from '../../../src/ports/credentials.ts';
import { hello } from '../../../src/testing/wire-messages.ts';

/** Whose port, and which: that of agents and peers, that for certificates, that of witnesses, or those of metrics. */
export type Door = 'controller' | 'identity' | 'witness' | 'controller metrics' | 'agent metrics';

/** Bytes that are sent; a text in base64, or so many zeros. */
export type Words = { readonly base64: string } | { readonly zeros: number };

/** How somebody speaks: bytes on a connection, or one message of a call of gRPC. */
export interface Manner {
  /** Without it the connection is not encrypted; an anonymous one is, and proves nothing. */
  readonly material?: KeyMaterial | 'anonymous';
  /** Of the method that is called; undefined: bytes as they are. */
  readonly path?: string;
  readonly words: readonly Words[];
}

export interface Attack {
  readonly name: string;
  readonly door: Door;
  readonly manner: Manner;
  /** The one line in the log of whoever is attacked; undefined: there is none. */
  readonly logged: Logged | undefined;
  /** What one of them logs instead, by the name of its host. */
  readonly loggedBy?: Readonly<Record<string, Logged>>;
}

/** A line about somebody who was refused. */
export interface Logged {
  readonly message: 'connection refused' | 'message refused';
  readonly reason: string;
}

/** What the attacker saw. */
export interface Outcome {
  /** Whether the other side has ended the connection. */
  readonly isClosed: boolean;
  /** The beginning of what it has said: bytes one to one as characters, on a call the messages alone. */
  readonly heard: string;
}

/** Certificates that are no good, and names that somebody takes who has a good one. */
export interface Disguises {
  readonly otherAuthority: KeyMaterial;
  readonly expired: KeyMaterial;
  /** Good, of a node that nobody knows. */
  readonly certified: KeyMaterial;
  readonly node: NodeName;
  readonly controller: ControllerId;
  /** Where that controller runs. */
  readonly controllerHost: string;
  /** For a certificate of `node`: PKCS #10, DER. */
  readonly certificateRequest: Uint8Array;
}

const OVERSIZED_BYTES = 32 << 20;
const TLS: Logged = { message: 'connection refused', reason: 'tls' };
const base64 = (bytes: Uint8Array): Words => ({ base64: Buffer.from(bytes).toString('base64') });
/** Begins HTTP/2, with empty settings: whoever serves answers with his own. */
const GREETING = base64(
  Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from('000000040000000000', 'hex')]),
);
const NOISE = base64(Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 197 + 255) & 255)));
/** A field that is longer than the message. */
const NONSENSE = base64(Buffer.from([0xfa, 0x01, 0x20, 0x01]));
/** Looks like one, and is signed by nobody. */
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmVk';
const POST = base64(Buffer.from(`POST /metrics HTTP/1.1\r\nhost: lab\r\ncontent-length: ${OVERSIZED_BYTES}\r\n\r\n`));

export function attacksWith(disguises: Disguises): readonly Attack[] {
  const { certified, node, controller, controllerHost, certificateRequest } = disguises;
  const question = {
    kind: 'confirm-request',
    node,
    lease: { incarnation: incarnation('lab'), epoch: epoch(1) },
    sequence: 1,
  } as const;
  return [
    ...connectionsTo('controller', disguises),
    ...connectionsTo('witness', disguises),
    ...wordsTo('identity'),
    ...callsTo('controller', 'agents', SESSION.path, certified, encodeAgentMessage(hello(node))),
    ...callsTo(
      'controller',
      'peers',
      EXCHANGE.path,
      certified,
      encodePeerRequest({ kind: 'hello', id: controller }),
      // Whoever comes to a controller with its own name is none of its peers, whatever he can prove.
      { [controllerHost]: { message: 'message refused', reason: 'stranger' } },
    ),
    ...callsTo('witness', 'witnesses', CONFIRM.path, certified, encodeQuestion(question)),
    ...requestsWith(SIGN.requestSerialize({ ok: true, value: { token: TOKEN, request: certificateRequest } })),
    ...(['controller metrics', 'agent metrics'] as const).flatMap((door): Attack[] => [
      { name: `noise at ${door}`, door, manner: { words: [NOISE] }, logged: undefined },
      {
        name: `an oversized request at ${door}`,
        door,
        manner: { words: [POST, { zeros: OVERSIZED_BYTES }] },
        logged: undefined,
      },
    ]),
  ];
}

/** Nobody gets as far as to say something. */
const connectionsTo = (door: Door, { otherAuthority, expired }: Disguises): readonly Attack[] => [
  ...wordsTo(door),
  { name: `another authority at ${door}`, door, manner: { material: otherAuthority, words: [GREETING] }, logged: TLS },
  { name: `an expired certificate at ${door}`, door, manner: { material: expired, words: [GREETING] }, logged: TLS },
];

/** Without encryption. */
const wordsTo = (door: Door): readonly Attack[] => [
  { name: `plaintext at ${door}`, door, manner: { words: [GREETING] }, logged: TLS },
  { name: `noise at ${door}`, door, manner: { words: [NOISE] }, logged: TLS },
];

/** By somebody who wants a certificate. */
function requestsWith(forged: Uint8Array): readonly Attack[] {
  const request = (name: string, words: Words, reason: string): Attack => ({
    name: `${name} for a certificate`,
    door: 'identity',
    manner: { material: 'anonymous', path: SIGN.path, words: [words] },
    logged: { message: 'message refused', reason },
  });
  return [
    request('a forged token', base64(forged), 'not-certified'),
    request('an oversized request', { zeros: OVERSIZED_BYTES }, 'too-large'),
    request('a malformed request', NONSENSE, 'undecodable'),
  ];
}

/** By somebody with a good certificate. */
function callsTo(
  door: Door,
  who: string,
  path: string,
  material: KeyMaterial,
  impostor: Uint8Array,
  impostorLoggedBy: Readonly<Record<string, Logged>> = {},
): readonly Attack[] {
  const call = (name: string, words: Words, reason: string): Attack => ({
    name: `${name} for ${who}`,
    door,
    manner: { material, path, words: [words] },
    logged: { message: 'message refused', reason },
  });
  return [
    { ...call("another one's name", base64(impostor), 'impostor'), loggedBy: impostorLoggedBy },
    // It counts as two thousand, which is more than a witness is ever asked at once.
    call('an oversized message', { zeros: OVERSIZED_BYTES }, door === 'witness' ? 'too-fast' : 'too-large'),
    call('a malformed message', NONSENSE, 'undecodable'),
  ];
}

/** An alert of TLS, or what HTTP says to whoever has asked wrongly. */
const REFUSAL: Readonly<Record<'secured' | 'metrics', RegExp>> = {
  // eslint-disable-next-line no-control-regex
  secured: /^(\u0015.*)?$/s,
  metrics: /^(HTTP\/1\.1 4\d\d .*)?$/s,
};

/** What was not as promised, from the side of the attacker. */
export function poorlyRefused({ name, door, manner }: Attack, host: string, { isClosed, heard }: Outcome): string[] {
  const what = `${name} of ${host}`;
  if (manner.path !== undefined) return heard === '' ? [] : [`${what}: was answered`];
  const refusal = REFUSAL[door === 'controller metrics' || door === 'agent metrics' ? 'metrics' : 'secured'];
  return [
    ...(isClosed ? [] : [`${what}: the connection stays`]),
    ...(refusal.test(heard) ? [] : [`${what}: was answered: ${JSON.stringify(heard)}`]),
  ];
}

/** What was not as promised, from the log of whoever was attacked: lines about the address of the attacker. */
export function poorlyLogged({ name, logged, loggedBy }: Attack, host: string, lines: readonly Logged[]): string[] {
  const texts = lines.map(({ message, reason }) => `${message}: ${reason}`);
  const line = loggedBy?.[host] ?? logged;
  const wanted = line ? [`${line.message}: ${line.reason}`] : [];
  if (texts.join() === wanted.join()) return [];
  return [`${name} of ${host}: logged ${texts.join(', ') || 'nothing'}, not ${wanted.join() || 'nothing'}`];
}

const FIRST_WAIT_MS = 10_000;

/** Lines of one reason and address that something may write that goes on for so long: ever less often. */
export function mostLines(durationMs: number): number {
  let lines = 1;
  for (let atMs = FIRST_WAIT_MS, waitMs = FIRST_WAIT_MS; atMs <= durationMs; atMs += waitMs) {
    lines++;
    waitMs *= 2;
  }
  return lines;
}
