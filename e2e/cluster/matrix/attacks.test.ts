import { describe, expect, it } from '@jest/globals';
import { decodeAgentMessage } from '../../../src/adapters/grpc/agent-message-codec.ts';
import type { Decoded } from '../../../src/adapters/grpc/decoded.ts';
import { decodePeerRequest } from '../../../src/adapters/grpc/peer-message-codec.ts';
import { EXCHANGE } from '../../../src/adapters/grpc/peer-method.ts';
import { SIGN } from '../../../src/adapters/grpc/identity-method.ts';
import { SESSION } from '../../../src/adapters/grpc/session-method.ts';
import { decodeQuestion } from '../../../src/adapters/grpc/witness-message-codec.ts';
import { CONFIRM } from '../../../src/adapters/grpc/witness-method.ts';
import { controllerId, nodeName } from '../../../src/core/ids.ts';
import { type Attack, attacksWith, mostLines, poorlyLogged, poorlyRefused, type Words } from './attacks.ts';

const material = { certificate: 'c', privateKey: 'k', authorities: 'a' };
const attacks = attacksWith({
  otherAuthority: material,
  expired: material,
  certified: material,
  node: nodeName('node-1'),
  controller: controllerId('c1'),
  controllerHost: 'node-2',
  certificateRequest: Uint8Array.of(1),
});
const named = (name: string): Attack => {
  const found = attacks.find((attack) => attack.name === name);
  if (!found) throw new Error(`no attack ${name}`);
  return found;
};

const bytesOf = (words: Words | undefined): Buffer => {
  if (!words) throw new Error('no words');
  return 'zeros' in words ? Buffer.alloc(words.zeros) : Buffer.from(words.base64, 'base64');
};

const DECODERS: Readonly<Record<string, (bytes: Buffer) => Decoded<unknown>>> = {
  [SESSION.path]: decodeAgentMessage,
  [EXCHANGE.path]: decodePeerRequest,
  [CONFIRM.path]: decodeQuestion,
  [SIGN.path]: SIGN.requestDeserialize,
};
const calls = attacks.flatMap((attack) =>
  attack.manner.path === undefined ? [] : [[attack.name, attack.manner.path, attack] as const],
);

it('comes to every door with a name of its own', () => {
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
  expect(new Set(attacks.map(({ door }) => door)).size).toBe(5);
  expect(calls).toHaveLength(12);
});

it.each(calls)('%s is refused for the reason that is expected', (_, path, { manner, logged }) => {
  const words = DECODERS[path]?.(bytesOf(manner.words[0]));
  // Who somebody is, and how much he says, is not a matter of the words.
  if (['impostor', 'not-certified'].includes(logged?.reason ?? '')) expect(words).toMatchObject({ ok: true });
  else if (logged?.reason === 'too-fast') expect(words).toMatchObject({ ok: false });
  else expect(words).toMatchObject({ ok: false, reason: logged?.reason });
});

describe('what the attacker saw', () => {
  const plaintext = named('plaintext at controller');
  const request = named('an oversized request at agent metrics');
  const call = named('an oversized message for peers');

  it.each([
    [plaintext, '', true],
    [plaintext, '\u0015\u0003\u0001\u0000\n', true],
    [plaintext, '\u0000\u0000\u0000\u0004', false],
    [request, 'HTTP/1.1 405 Method Not Allowed\r\n', true],
    [request, 'HTTP/1.1 200 OK\r\n', false],
    [call, '', true],
    [call, '\u0000', false],
  ])('%j and %j', (attack, heard, isFine) => {
    expect(poorlyRefused(attack, 'node-1', { isClosed: true, heard })).toHaveLength(isFine ? 0 : 1);
  });

  it('a connection may not stay, but a call may go on', () => {
    const outcome = { isClosed: false, heard: '' };
    expect(poorlyRefused(plaintext, 'node-1', outcome)).toEqual([
      'plaintext at controller of node-1: the connection stays',
    ]);
    expect(poorlyRefused(call, 'node-1', outcome)).toEqual([]);
  });
});

it('wants one line of the right reason, and none about ports of metrics', () => {
  const line = { message: 'connection refused', reason: 'tls' } as const;
  const attack = named('noise at witness');
  expect(poorlyLogged(attack, 'node-1', [line])).toEqual([]);
  expect(poorlyLogged(attack, 'node-1', [])).toEqual([
    'noise at witness of node-1: logged nothing, not connection refused: tls',
  ]);
  expect(poorlyLogged(attack, 'node-1', [line, line])).toHaveLength(1);
  expect(poorlyLogged(named('noise at agent metrics'), 'node-1', [])).toEqual([]);
  expect(poorlyLogged(named('noise at agent metrics'), 'node-1', [line])).toHaveLength(1);
});

it('wants another reason from the controller whose name somebody takes', () => {
  const attack = named("another one's name for peers");
  const impostor = { message: 'message refused', reason: 'impostor' } as const;
  const stranger = { message: 'message refused', reason: 'stranger' } as const;
  expect(poorlyLogged(attack, 'node-1', [impostor])).toEqual([]);
  expect(poorlyLogged(attack, 'node-2', [stranger])).toEqual([]);
  expect(poorlyLogged(attack, 'node-1', [stranger])).toHaveLength(1);
  expect(poorlyLogged(attack, 'node-2', [impostor])).toHaveLength(1);
});

it.each([
  [0, 1],
  [9_999, 1],
  [10_000, 2],
  [29_999, 2],
  [30_000, 3],
])('of something that goes on for %i ms at most %i lines are written', (ms, lines) => {
  expect(mostLines(ms)).toBe(lines);
});
