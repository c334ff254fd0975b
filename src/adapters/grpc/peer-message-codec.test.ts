import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ExchangeRequest } from '../../gen/vippool/v1/peer.ts';
import { peerHellos, peerMessages } from '../../testing/wire-arbitraries.ts';
import {
  decodePeerRequest,
  decodePeerResponse,
  encodePeerRequest,
  encodePeerResponse,
  MAX_LEASES,
} from './peer-message-codec.ts';

const frames = fc.oneof(peerHellos, peerMessages);

describe('between controllers', () => {
  it('every message travels unchanged, in both directions', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(decodePeerRequest(encodePeerRequest(frame))).toEqual({ ok: true, value: frame });
        expect(decodePeerResponse(encodePeerResponse(frame))).toEqual({ ok: true, value: frame });
      }),
    );
  });

  it('no bytes make the reader throw, cut off, changed or random', () => {
    fc.assert(
      fc.property(frames, fc.nat(), fc.nat(255), fc.uint8Array({ maxLength: 200 }), (frame, at, byte, noise) => {
        const bytes = encodePeerRequest(frame);
        expect(typeof decodePeerRequest(bytes.subarray(0, at % (bytes.length + 1))).ok).toBe('boolean');
        bytes[at % bytes.length] = byte;
        expect(typeof decodePeerRequest(bytes).ok).toBe('boolean');
        expect(typeof decodePeerResponse(noise).ok).toBe('boolean');
      }),
    );
  });

  const request = (message: unknown): Uint8Array =>
    ExchangeRequest.encode(ExchangeRequest.fromPartial({ message: { message } } as never)).finish();
  const term = { number: 1, instance: { id: 'c', priority: 0, address: '10.0.0.1', nonce: 'n' } };
  const electorate = '1:0a1b2c3d';
  const beat = { sequence: 1, term, electorate };
  const vote = { round: 1, term, electorate };
  const lease = { incarnation: 'life', epoch: 1 };
  const known = { node: 'a', lease };

  it.each([
    ['an empty message', new Uint8Array(), 'unknown-kind'],
    ['a kind of a later version', Uint8Array.of(0x0a, 0x03, 0xfa, 0x01, 0x00), 'unknown-kind'],
    ['bytes that are no message', Uint8Array.of(0x0a, 0xff), 'undecodable'],
    ['a hello of nobody', request({ $case: 'hello', value: {} }), 'missing-field'],
    [
      'an electorate of version 0',
      request({ $case: 'beat', value: { ...beat, electorate: '0:0a1b2c3d' } }),
      'bad-value',
    ],
    ['a beat without a term', request({ $case: 'beat', value: { ...beat, term: undefined } }), 'missing-field'],
    ['a beat without a number', request({ $case: 'beat', value: { ...beat, sequence: 0 } }), 'bad-value'],
    [
      'a restoration without a number',
      request({ $case: 'beat', value: { ...beat, restores: [{ node: 'a', lease }] } }),
      'bad-value',
    ],
    [
      'an answer about too many leases',
      request({
        $case: 'beatAnswer',
        value: { ...beat, leases: { leases: Array.from({ length: MAX_LEASES + 1 }, () => known) } },
      }),
      'too-many',
    ],
    [
      'a request for a vote in no term',
      request({ $case: 'voteRequest', value: { round: 1, electorate } }),
      'missing-field',
    ],
    [
      'a vote with a lease of nobody',
      request({ $case: 'voteAnswer', value: { ...vote, leases: [{ lease }] } }),
      'missing-field',
    ],
    [
      'a vote with a text without end',
      request({ $case: 'voteAnswer', value: { ...vote, reason: 'x'.repeat(5_000) } }),
      'too-many',
    ],
    ['a change under no term', request({ $case: 'changed', value: {} }), 'missing-field'],
    ['a step down from no term', request({ $case: 'stepDown', value: {} }), 'missing-field'],
  ])('%s is refused', (_, bytes, reason) => {
    expect(decodePeerRequest(bytes)).toMatchObject({ ok: false, reason });
  });

  it('a table that is absent is another one than an empty one', () => {
    const answer = request({ $case: 'beatAnswer', value: { ...beat, leases: { leases: [] } } });
    expect(decodePeerRequest(answer)).toMatchObject({ value: { leases: [] } });
    expect(decodePeerRequest(request({ $case: 'beatAnswer', value: beat }))).toMatchObject({
      value: { leases: undefined },
    });
  });
});
