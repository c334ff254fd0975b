import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConfirmRequest, ConfirmResponse } from '../../gen/vippool/v1/witness.ts';
import { answers, questions } from '../../testing/wire-arbitraries.ts';
import { decodeAnswer, decodeQuestion, encodeAnswer, encodeQuestion } from './witness-message-codec.ts';

const lease = { incarnation: 'life', epoch: 1 };

describe('between agents', () => {
  it('questions and answers travel unchanged', () => {
    fc.assert(
      fc.property(questions, answers, (question, answer) => {
        expect(decodeQuestion(encodeQuestion(question))).toEqual({ ok: true, value: question });
        expect(decodeAnswer(encodeAnswer(answer))).toEqual({ ok: true, value: answer });
      }),
    );
  });

  it('no bytes make the reader throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(typeof decodeQuestion(bytes).ok).toBe('boolean');
        expect(typeof decodeAnswer(bytes).ok).toBe('boolean');
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['of nobody', { lease, sequence: 1 }, 'missing-field'],
    ['about no lease', { node: 'a', sequence: 1 }, 'missing-field'],
    ['without a number', { node: 'a', lease }, 'bad-value'],
  ])('a question %s is refused', (_, question, reason) => {
    const bytes = ConfirmRequest.encode(ConfirmRequest.fromPartial(question)).finish();
    expect(decodeQuestion(bytes)).toMatchObject({ ok: false, reason });
  });

  it.each([
    ['of nobody', { node: 'a', lease, sequence: 1 }, 'missing-field'],
    ['to nobody', { from: 'b', lease, sequence: 1 }, 'missing-field'],
    ['to no question', { from: 'b', node: 'a', lease }, 'bad-value'],
  ])('an answer %s is refused', (_, answer, reason) => {
    const bytes = ConfirmResponse.encode(ConfirmResponse.fromPartial(answer)).finish();
    expect(decodeAnswer(bytes)).toMatchObject({ ok: false, reason });
  });
});
