import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ProbeOutcome } from '../../core/checks.ts';
import { type ForgedServer, forgedServer } from '../../testing/forged-server.ts';
import { runProbe } from '../../testing/probe-runs.ts';
import { realRandom } from '../../testing/real-time.ts';
import { dialectIn, encodeNegotiate, NONCE_BYTES } from './smb-negotiate.ts';
import { SmbProbe } from './smb-probe.ts';
import { WrongAnswer } from './wire.ts';

/** Header and fixed part of an answer with dialect 3.1.1. */
const ANSWER = Buffer.from(
  'fe534d4240000100000000000000010001000000000000000000000000000000ffffffff000000000000000000000000' +
    '00000000000000000000000000000000' +
    '41000100110301006e6f646561000000000000000000000007000000000080000000800000008000',
  'hex',
);
const answer = (change: (message: Buffer) => void = () => undefined): Buffer => {
  const message = Buffer.concat([ANSWER, Buffer.alloc(64 + 64 - ANSWER.length)]);
  change(message);
  return message;
};
const framed = (message: Buffer): Buffer => {
  const session = Buffer.alloc(4);
  session.writeUInt32BE(message.length);
  return Buffer.concat([session, message]);
};

let server: ForgedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function run(bytes: Uint8Array | undefined, timeoutMs?: number): Promise<ProbeOutcome> {
  server = await forgedServer((socket) => void socket.once('data', () => (bytes ? socket.write(bytes) : socket.end())));
  const { host, port } = server;
  const outcome = await runProbe(new SmbProbe(realRandom), { type: 'smb', host, port }, timeoutMs);
  await server.allClosed();
  return { ...outcome, output: outcome.output.replace(`${host}:${port} `, '') };
}

describe('smb probe', () => {
  it.each([
    [0x0202, '2.0.2'],
    [0x0210, '2.1'],
    [0x0300, '3.0'],
    [0x0302, '3.0.2'],
    [0x0311, '3.1.1'],
  ])('is content with dialect %d, which is %s', async (dialect, name) => {
    expect(await run(framed(answer((message) => message.writeUInt16LE(dialect, 68))))).toEqual({
      ok: true,
      output: `speaks SMB ${name}`,
      certain: false,
    });
  });

  it.each<[string, Buffer]>([
    ['sent something that is no answer of SMB', Buffer.from('HTTP/1.1 400 Bad Request\r\n')],
    ['sent something that is no answer of SMB', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
    ['sent something that is no answer of SMB', Buffer.from([0, 0xff, 0xff, 0xff])],
    ['sent something that is no answer of SMB', framed(Buffer.from('garbage of some length'))],
    ['refuses the NetBIOS session', Buffer.from([0x83, 0, 0, 1, 0x82])],
    ['speaks SMB 1 only', framed(answer((message) => message.writeUInt8(0xff, 0)))],
    ['answers something that was not asked', framed(answer((message) => message.writeUInt16LE(3, 12)))],
    ['answers something that was not asked', framed(answer((message) => message.writeUInt32LE(0, 16)))],
    ['answers something that was not asked', framed(answer((message) => message.writeUInt8(7, 24)))],
    ['answers something that was not asked', framed(answer((message) => message.writeUInt16LE(9, 64)))],
    ['refuses to negotiate (STATUS_NOT_SUPPORTED)', framed(answer((message) => message.writeUInt32LE(0xc000_00bb, 8)))],
    ['refuses to negotiate (0x80000005)', framed(answer((message) => message.writeUInt32LE(0x8000_0005, 8)))],
    ['chose a dialect that was not offered (0x02ff)', framed(answer((message) => message.writeUInt16LE(0x02ff, 68)))],
    ['sent an answer that ends too early', framed(answer().subarray(0, 100))],
    ['sent an answer that ends too early', framed(answer().subarray(0, 40))],
    ['sent an answer that ends too early', framed(Buffer.alloc(0))],
  ])('names a wrong answer: %s', async (output, bytes) => {
    expect(await run(bytes)).toEqual({ ok: false, output, certain: false });
  });

  it('names a server that hangs up, as SMB 1 does', async () => {
    expect((await run(undefined)).output).toBe(
      'closed the connection without an answer, as one does that speaks SMB 1 only',
    );
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half of it', framed(answer()).subarray(0, 90)],
  ])('is cut off where %s is answered', async (_, bytes) => {
    expect(await run(bytes, 50)).toEqual({
      ok: false,
      output: 'accepted the connection, but gave no answer within 50 ms',
      certain: false,
    });
  });
});

describe('NEGOTIATE', () => {
  it('offers five dialects and what 3.1.1 needs', () => {
    const nonce = Buffer.alloc(NONCE_BYTES, 0xab);
    const request = encodeNegotiate(nonce);
    expect(request.readUInt32BE(0)).toBe(request.length - 4);
    const message = request.subarray(4);
    expect(message.subarray(0, 4).toString('latin1')).toBe('\u00feSMB');
    expect(message.subarray(64, 112).toString('hex')).toBe(
      `240005000100000000000000${'ab'.repeat(16)}7000000001000000020210020003020311030000`,
    );
    expect(message.subarray(112).toString('hex')).toBe(`0100260000000000010020000100${'ab'.repeat(32)}`);
  });

  it('any bytes are a dialect or a WrongAnswer', () => {
    const near = fc
      .tuple(fc.nat(127), fc.nat(255), fc.integer({ min: 0, max: 128 }))
      .map(([at, value, length]) => answer((message) => message.writeUInt8(value, at)).subarray(0, length));
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      near,
    );
    fc.assert(
      fc.property(any, (bytes) => {
        try {
          expect(dialectIn(bytes)).toMatch(/^[23]\.\d(\.\d)?$/);
        } catch (error) {
          if (!(error instanceof WrongAnswer)) throw error;
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
