import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { controllerId, nodeName } from '../../core/ids.ts';
import { type Datagram, decodeDatagram, encodeDatagram } from './datagram.ts';

const nonce = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,60}$/);
const datagrams: fc.Arbitrary<Datagram> = fc.oneof(
  fc.record({
    kind: fc.constant('question' as const),
    nonce,
    term: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    controller: name.map(controllerId),
  }),
  fc.record({ kind: fc.constant('answer' as const), nonce, node: name.map(nodeName) }),
);

describe('a datagram of the member probe', () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(datagrams, (datagram) => expect(decodeDatagram(encodeDatagram(datagram))).toEqual(datagram)));
  });

  it('says nothing where it is cut short, lengthened or changed in its head', () => {
    fc.assert(
      fc.property(datagrams, fc.nat(), fc.integer({ min: 1, max: 255 }), (datagram, at, by) => {
        const bytes = encodeDatagram(datagram);
        const head = Buffer.from(bytes);
        head[at % 6] = ((head[at % 6] ?? 0) + by) % 256;
        const read = decodeDatagram(head);
        // A question may look like an answer: its first 8 bytes are then a name, which they are not.
        if (read) expect(read.kind).not.toBe(datagram.kind);
        expect(decodeDatagram(bytes.subarray(0, at % 15))).toBeUndefined();
        expect(decodeDatagram(Buffer.concat([bytes, Buffer.alloc(300, 'x')]))).toBeUndefined();
      }),
    );
  });

  it('is never thrown over', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        decodeDatagram(Buffer.from(bytes));
        decodeDatagram(Buffer.concat([Buffer.from('VPMP\u0001'), Buffer.from(bytes)]));
      }),
    );
  });

  it('has names that go into logs', () => {
    const bytes = encodeDatagram({ kind: 'answer', nonce: 1n, node: nodeName('a\nb') });
    expect(decodeDatagram(bytes)).toBeUndefined();
  });
});
