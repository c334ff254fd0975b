import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ProbeOutcome } from '../../core/checks.ts';
import { type ForgedServer, forgedServer } from '../../testing/forged-server.ts';
import { runProbe } from '../../testing/probe-runs.ts';
import { realRandom } from '../../testing/real-time.ts';
import { compoundRemark, NfsProbe } from './nfs-probe.ts';
import { readRecord, resultsOf } from './onc-rpc.ts';
import { WrongAnswer } from './wire.ts';
import { encodeOpaque, encodeWords } from './xdr.ts';

const probe = new NfsProbe(realRandom);
const LAST = 0x8000_0000;
const record = (...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([encodeWords((LAST | body.length) >>> 0), body]);
};
/** xid, a reply that is accepted, no verifier, and what follows. */
const accepted =
  (...words: readonly number[]) =>
  (xid: number): Buffer =>
    record(encodeWords(xid, 1, 0, 0, 0, ...words));
const NULL_REPLY = accepted(0);
/** Status, no tag, one operation. */
const compound = (status: number): ((xid: number) => Buffer) => accepted(0, status, 0, 1, 24, status);

let server: ForgedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Serves calls: the first words of each go to `answer`. */
const serving = (answer: (xid: number, version: number, call: Buffer) => Uint8Array | undefined) => (socket: Socket) =>
  void socket.on('data', (call) => {
    const reply = answer(call.readUInt32BE(4), call.readUInt32BE(20), call);
    if (reply) socket.write(reply);
  });

async function run(
  versions: readonly (3 | 4)[],
  answer: (xid: number, version: number, call: Buffer) => Uint8Array | undefined,
  timeoutMs?: number,
): Promise<ProbeOutcome> {
  server = await forgedServer(serving(answer));
  const { host, port } = server;
  const outcome = await runProbe(probe, { type: 'nfs', host, port, versions }, timeoutMs);
  await server.allClosed();
  return { ...outcome, output: outcome.output.replace(`${host}:${port} `, '') };
}

describe('nfs probe', () => {
  it('asks NULL of version 3 and PUTROOTFH of version 4, on one connection', async () => {
    const calls: Buffer[] = [];
    const outcome = await run([3, 4], (xid, version, call) => {
      calls.push(call);
      return version === 3 ? NULL_REPLY(xid) : compound(0)(xid);
    });
    expect(outcome).toEqual({ ok: true, output: 'serves NFS 3 and NFS 4', certain: false });
    const words = (call: Buffer | undefined): number[] =>
      Array.from({ length: (call?.length ?? 0) / 4 }, (_, index) => call?.readUInt32BE(index * 4) ?? 0);
    const [first, second] = calls.map(words);
    expect(first).toEqual([LAST + 40, expect.any(Number), 0, 2, 100_003, 3, 0, 0, 0, 0, 0]);
    expect(second?.slice(2, 7)).toEqual([0, 2, 100_003, 4, 1]);
    // AUTH_SYS: stamp, the host's name "a", user and group nobody, no other groups; no verifier.
    expect(second?.slice(7, 17)).toEqual([1, 24, 0, 1, 0x6100_0000, 65_534, 65_534, 0, 0, 0]);
    expect(second?.slice(17)).toEqual([0, 0, 1, 24]);
    expect(first?.[1]).not.toBe(second?.[1]);
  });

  it('joins fragments', async () => {
    const outcome = await run([3], (xid) =>
      Buffer.concat([encodeWords(8, xid, 1), encodeWords(0), encodeWords(4, 0), encodeWords(LAST + 12, 0, 0, 0)]),
    );
    expect(outcome).toMatchObject({ ok: true, output: 'serves NFS 3' });
  });

  it.each([
    [1, 'NFS4ERR_PERM'],
    [10_013, 'NFS4ERR_GRACE'],
    [10_016, 'NFS4ERR_WRONGSEC'],
    [10_021, 'NFS4ERR_MINOR_VERS_MISMATCH'],
  ])('is content with nfsstat4 %d, and says so', async (status, name) => {
    expect(await run([4], compound(status))).toMatchObject({ ok: true, output: `serves NFS 4 (${name})` });
  });

  it('is content with a server that wants a ticket', async () => {
    const denied = await run([4], (xid) => record(encodeWords(xid, 1, 1, 1, 5)));
    expect(denied).toMatchObject({ ok: true, output: 'serves NFS 4 (AUTH_TOOWEAK)' });
  });

  it.each<[string, (3 | 4)[], (xid: number) => Uint8Array]>([
    ['answers a call that was not made (another xid)', [3], (xid) => NULL_REPLY((xid ^ 1) >>> 0)],
    ['sent something that is no reply of ONC RPC', [3], (xid) => record(encodeWords(xid, 0, 2, 100_003, 3, 0))],
    ['does not serve NFS 3: it serves versions 4 to 4', [3], accepted(2, 4, 4)],
    ['does not serve NFS 4: it serves versions 3 to 3', [4], accepted(2, 3, 3)],
    ['speaks ONC RPC, but serves no NFS', [3], accepted(1)],
    ['does not know the procedure (NFS 4)', [4], accepted(3)],
    ['could not read the call (NFS 4)', [4], accepted(4)],
    ['has a problem of its own (SYSTEM_ERR, NFS 3)', [3], accepted(5)],
    ['does not execute the call (accept_stat 77, NFS 3)', [3], accepted(77)],
    ['rejects the credentials of the call (AUTH_BADCRED)', [4], (xid) => record(encodeWords(xid, 1, 1, 1, 1))],
    ['rejects the credentials of the call (auth_stat 99)', [3], (xid) => record(encodeWords(xid, 1, 1, 1, 99))],
    ['speaks versions 3 to 4 of ONC RPC, not 2', [3], (xid) => record(encodeWords(xid, 1, 1, 0, 3, 4))],
    ['denies the call for no known reason', [3], (xid) => record(encodeWords(xid, 1, 1, 9))],
    ['has no root directory to give for NFS 4 (NFS4ERR_DELAY)', [4], compound(10_008)],
    ['has no root directory to give for NFS 4 (nfsstat4 2)', [4], compound(2)],
    ['answers another COMPOUND of NFS 4 than it was asked', [4], accepted(0, 0, 0, 0)],
    ['sent an answer that ends too early', [4], accepted(0)],
    ['sent an answer that ends too early', [3], (xid) => record(encodeWords(xid, 1, 0, 0, 0xffff_fffe, 0))],
    [
      'sent something that is no answer of ONC RPC (a record of 1213486160 bytes)',
      [3],
      () => Buffer.from('HTTP/1.1 400 Bad Request\r\n'),
    ],
    [
      'sent something that is no answer of ONC RPC (a record of 16388 bytes)',
      [3],
      () => Buffer.concat([encodeWords(4, 0), encodeWords(LAST + 16_384), Buffer.alloc(16_384)]),
    ],
    ['sent something that is no answer of ONC RPC (a record of 0 bytes)', [3], () => Buffer.alloc(4 * 100)],
  ])('names a wrong answer: %s', async (output, versions, answer) => {
    expect(await run(versions, answer)).toEqual({ ok: false, output, certain: false });
  });

  it('fails where one of two versions is not served', async () => {
    const outcome = await run([3, 4], (xid, version) => (version === 3 ? NULL_REPLY(xid) : accepted(2, 3, 3)(xid)));
    expect(outcome).toMatchObject({ ok: false, output: 'does not serve NFS 4: it serves versions 3 to 3' });
  });

  it('is cut off where nothing is answered, or half of it', async () => {
    const late = 'accepted the connection, but gave no answer within 50 ms';
    expect(await run([3], () => undefined, 50)).toEqual({ ok: false, output: late, certain: false });
    await server?.close();
    expect(await run([3], (xid) => NULL_REPLY(xid).subarray(0, 20), 50)).toMatchObject({ ok: false, output: late });
  });

  it('names a server that hangs up', async () => {
    server = await forgedServer((socket) => void socket.once('data', () => socket.end()));
    const outcome = await runProbe(probe, { type: 'nfs', host: '127.0.0.1', port: server.port, versions: [3] });
    expect(outcome.output).toMatch(/ closed the connection without an answer$/);
    await server.close();
    server = await forgedServer((socket) => void socket.once('data', () => socket.end('abc')));
    const half = await runProbe(probe, { type: 'nfs', host: '127.0.0.1', port: server.port, versions: [3] });
    expect(half.output).toMatch(/ closed the connection in the middle of its answer$/);
  });
});

describe('reading any bytes', () => {
  const wireOf = (bytes: Buffer): { read: (length: number) => Promise<Buffer> } => {
    let at = 0;
    return {
      read: (length) => {
        at += length;
        return at > bytes.length
          ? Promise.reject(new WrongAnswer('ends'))
          : Promise.resolve(bytes.subarray(at - length, at));
      },
    };
  };
  const word = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.nat(0xffff_ffff), fc.constant(LAST + 40));
  const words = fc.array(word, { maxLength: 40 }).map((values) => encodeWords(...values));

  it('ends in results or in a WrongAnswer', async () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      words,
    );
    await fc.assert(
      fc.asyncProperty(any, async (bytes) => {
        try {
          await readRecord(wireOf(bytes));
        } catch (error) {
          if (!(error instanceof WrongAnswer)) throw error;
        }
      }),
    );
  });

  it('never takes a reply that is none for one', () => {
    fc.assert(
      fc.property(words, (bytes) => {
        try {
          const reply = Buffer.concat([encodeWords(7, 1, 0, 0), encodeOpaque(Buffer.from('v')), bytes]);
          expect(compoundRemark(resultsOf(reply, { xid: 7, version: 4 }))).toEqual(expect.any(String));
          expect(bytes.readUInt32BE(0)).toBe(0);
        } catch (error) {
          if (!(error instanceof WrongAnswer)) throw error;
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
