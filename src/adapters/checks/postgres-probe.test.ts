import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createSecureContext, TLSSocket } from 'node:tls';
import fc from 'fast-check';
import type { PostgresProbe, ProbeOutcome } from '../../core/checks.ts';
import type { KeyMaterial } from '../../ports/credentials.ts';
import { TestAuthority } from '../../testing/certificates.ts';
import { type ForgedServer, forgedServer } from '../../testing/forged-server.ts';
import { freePort } from '../../testing/free-port.ts';
import { probeContext, runProbe } from '../../testing/probe-runs.ts';
import { realRandom } from '../../testing/real-time.ts';
import { PostgresProbe as Prober } from './postgres-probe.ts';

const postgresProbe = new Prober(realRandom);

/** A message of the server: type, length, content. */
const message = (type: string, ...parts: readonly (string | Uint8Array)[]): Buffer => {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
};
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const READY = message('Z', 'I');
const LOGGED_IN = Buffer.concat([message('R', u32(0)), READY]);
const SASL = message('R', u32(10), 'SCRAM-SHA-256\0\0');
const refusal = (code: string, text: string): Buffer => message('E', `SFATAL\0VFATAL\0C${code}\0M${text}\0\0`);
const answer = (value: string): Buffer =>
  Buffer.concat([
    // One column "standby" of type boolean (16), as text.
    message('T', Buffer.from('0001', 'hex'), 'standby\0', Buffer.from('000000000000000000100001ffffffff0000', 'hex')),
    message('D', Buffer.from('0001', 'hex'), u32(value.length), value),
    message('C', 'SELECT 1\0'),
    READY,
  ]);

const NO_TLS = Buffer.from('N');
/** Has no TLS; answers the next message of the client with the first reply, and so on. */
const replying =
  (...replies: readonly Uint8Array[]) =>
  (socket: Socket): void => {
    const left = [NO_TLS, ...replies];
    socket.on('data', () => {
      const reply = left.shift();
      if (reply) socket.write(reply);
    });
  };

let server: ForgedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const check = (port: number, more: Partial<PostgresProbe> = {}): PostgresProbe => ({
  type: 'postgres',
  host: '127.0.0.1',
  port,
  role: 'Any',
  user: 'vippool',
  database: 'postgres',
  passwordFile: '',
  ...more,
});

async function run(
  talk: (socket: Socket) => void,
  more: Partial<PostgresProbe> = {},
  timeoutMs?: number,
): Promise<ProbeOutcome> {
  server = await forgedServer(talk);
  const outcome = await runProbe(postgresProbe, check(server.port, more), timeoutMs);
  await server.allClosed();
  return { ...outcome, output: outcome.output.replace(`127.0.0.1:${server.port}`, 'SERVER') };
}

describe('postgres probe', () => {
  it.each<[PostgresProbe['role'], string, boolean, string]>([
    ['Any', 'f', true, 'primary at SERVER'],
    ['Any', 't', true, 'standby at SERVER'],
    ['Primary', 'f', true, 'primary at SERVER'],
    ['Primary', 't', false, 'standby, wanted primary, at SERVER'],
    ['Standby', 't', true, 'standby at SERVER'],
    ['Standby', 'f', false, 'primary, wanted standby, at SERVER'],
  ])('role %s where pg_is_in_recovery() is "%s"', async (role, value, ok, output) => {
    expect(await run(replying(LOGGED_IN, answer(value)), { role })).toEqual({ ok, output, certain: false });
  });

  it('says farewell', async () => {
    const heard: Buffer[] = [];
    await run((socket) => {
      replying(LOGGED_IN, answer('f'))(socket);
      socket.on('data', (data) => heard.push(data));
    });
    expect(Buffer.concat(heard).subarray(-5)).toEqual(message('X'));
  });

  it.each<[string, Buffer, string]>([
    ['a login is asked for', SASL, 'SERVER asks for a login, which is an answer'],
    ['Kerberos is asked for', message('R', u32(7)), 'SERVER asks for a login, which is an answer'],
    [
      'there is no entry for us',
      refusal('28000', 'no pg_hba.conf entry for host'),
      'SERVER answers, but refuses the login: no pg_hba.conf entry for host',
    ],
    [
      'there is no such database',
      refusal('3D000', 'database "x" does not exist'),
      'SERVER answers, but refuses the login: database "x" does not exist',
    ],
  ])('is content without a login where %s and any role will do', async (_, reply, output) => {
    expect(await run(replying(reply))).toEqual({ ok: true, output, certain: false });
  });

  it.each<[string, Buffer]>([
    ['SERVER: the database system is starting up', refusal('57P03', 'the database system is starting up')],
    ['SERVER: sorry, too many clients already', refusal('53300', 'sorry, too many clients already')],
    [
      'SERVER sent something that makes no sense here',
      Buffer.concat([READY, message('D', Buffer.from('0001', 'hex'))]),
    ],
    ['SERVER sent something that is no answer of PostgreSQL', message('R', Buffer.alloc(0))],
    ['SERVER sent something that is no answer of PostgreSQL', message('E', 'Sno end')],
    ['SERVER sent something that makes no sense here', message('S', 'one text\0')],
    ['SERVER sent something that is no answer of PostgreSQL', message('R', u32(10), 'SCRAM-SHA-256\0')],
    ['SERVER sent something that is no answer of PostgreSQL', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['SERVER sent something that is no answer of PostgreSQL', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
  ])('any role will do, but not: %s', async (output, reply) => {
    expect(await run(replying(reply))).toEqual({ ok: false, output, certain: false });
  });

  it('needs a login where the role matters', async () => {
    expect((await run(replying(SASL), { role: 'Primary' })).output).toBe(
      'SERVER asks for the password of "vippool": name the file that has it in passwordFile',
    );
    await server?.close();
    const refused = replying(refusal('28P01', 'password authentication failed for user "vippool"'));
    expect((await run(refused, { role: 'Primary' })).output).toBe(
      'SERVER: password authentication failed for user "vippool"',
    );
  });

  it('sends the first line of the file with the password', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'vippool-postgres-probe-'));
    const passwordFile = join(directory, 'password');
    writeFileSync(passwordFile, 'secret\nsomething else\n');
    const heard: Buffer[] = [];
    const outcome = await run(
      (socket) => {
        replying(message('R', u32(3)), LOGGED_IN, answer('f'))(socket);
        socket.on('data', (data) => heard.push(data));
      },
      { passwordFile, role: 'Primary' },
    );
    rmSync(directory, { recursive: true });
    expect(outcome).toMatchObject({ ok: true });
    expect(heard[2]).toEqual(message('p', 'secret\0'));
  });

  it('names a file that is not there', async () => {
    const outcome = await runProbe(postgresProbe, check(1, { passwordFile: '/nowhere/password' }));
    expect(outcome.output).toMatch(/^the file with the password cannot be read: ENOENT/);
  });

  it('names a port on which nothing listens', async () => {
    const port = await freePort();
    const outcome = await runProbe(postgresProbe, check(port));
    expect(outcome.output).toBe(`127.0.0.1:${port} refuses connections: nothing listens there`);
  });

  it('names a server that hangs up', async () => {
    const outcome = await run((socket) => void socket.once('data', () => socket.end()));
    expect(outcome.output).toBe('SERVER closed the connection without an answer');
  });

  it.each<[string, readonly Uint8Array[]]>([
    ['nothing', []],
    ['half a message', [SASL.subarray(0, 12)]],
    ['the login, and no more', [LOGGED_IN]],
    ['half an answer', [LOGGED_IN, answer('f').subarray(0, 40)]],
  ])('is cut off where the server says %s', async (_, replies) => {
    expect(await run(replying(...replies), { role: 'Primary' }, 100)).toEqual({
      ok: false,
      output: 'SERVER accepted the connection, but gave no answer within 100 ms',
      certain: false,
    });
  });

  it('reads no endless answer', async () => {
    const outcome = await run((socket) => {
      const row = message('S', 'x\0'.repeat(5_000));
      const more = (): void => {
        while (socket.writable && socket.write(row));
      };
      replying(message('R', u32(0)))(socket);
      let heard = 0;
      socket.on('data', () => ++heard === 2 && more()).on('drain', more);
    });
    expect(outcome).toMatchObject({ ok: false, output: 'SERVER answers more than 64 KiB' });
  });

  it('connects to nobody once it is cut off', async () => {
    let connections = 0;
    server = await forgedServer(() => connections++);
    expect(await postgresProbe.run(check(server.port), probeContext(100), AbortSignal.abort())).toMatchObject({
      ok: false,
    });
    const abort = new AbortController();
    const outcome = postgresProbe.run(
      check(server.port, { passwordFile: import.meta.filename }),
      probeContext(100),
      abort.signal,
    );
    abort.abort();
    expect((await outcome).output).toBe(`no connection to 127.0.0.1:${server.port} within 100 ms`);
    expect(connections).toBe(0);
  });
});

describe('a server with TLS', () => {
  /** Agrees to TLS, and then talks as told. */
  const agreeing =
    (inTls: (socket: Socket) => void, plain: (socket: Socket) => void, material: KeyMaterial) =>
    (socket: Socket): void => {
      socket.once('data', (first) => {
        if (!first.equals(Buffer.from('0000000804d2162f', 'hex'))) {
          // The beginning is heard again by who listens now.
          plain(socket);
          socket.emit('data', first);
          return;
        }
        socket.write('S');
        const { certificate: cert, privateKey: key } = material;
        const secured = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ cert, key }) });
        inTls(secured.on('error', () => undefined));
      });
    };
  const saying =
    (...replies: readonly Uint8Array[]) =>
    (socket: Socket): void => {
      const left = [...replies];
      socket.on('data', () => {
        const reply = left.shift();
        if (reply) socket.write(reply);
      });
    };
  const noEntry = (kind: string): Buffer => refusal('28000', `no pg_hba.conf entry for host, ${kind}`);
  let material: KeyMaterial;
  beforeAll(async () => {
    material = await (await TestAuthority.create()).server();
  });

  it('is asked in TLS', async () => {
    const talk = agreeing(saying(LOGGED_IN, answer('f')), saying(noEntry('no encryption')), material);
    expect(await run(talk, { role: 'Primary' })).toMatchObject({ ok: true, output: 'primary at SERVER' });
  });

  it('is asked without where it does not let us in with TLS', async () => {
    const talk = agreeing(saying(noEntry('SSL encryption')), saying(LOGGED_IN, answer('f')), material);
    expect(await run(talk, { role: 'Primary' })).toMatchObject({ ok: true, output: 'primary at SERVER' });
  });

  it('is asked without where there can be no TLS with it', async () => {
    const talk = agreeing(saying(), saying(LOGGED_IN, answer('f')), { ...material, certificate: '', privateKey: '' });
    expect(await run(talk, { role: 'Primary' })).toMatchObject({ ok: true, output: 'primary at SERVER' });
  });

  it('says why it was not let in with TLS where that was no better without', async () => {
    const talk = agreeing(saying(noEntry('SSL encryption')), saying(noEntry('no encryption')), material);
    expect((await run(talk, { role: 'Primary' })).output).toBe('SERVER: no pg_hba.conf entry for host, SSL encryption');
  });

  it('is not believed what it said before TLS', async () => {
    const stuffed = (socket: Socket): void =>
      void socket.once('data', () => socket.write(Buffer.concat([Buffer.from('S'), LOGGED_IN, answer('f')])));
    expect(await run(stuffed)).toMatchObject({
      ok: false,
      output: 'SERVER sent something that is no answer of PostgreSQL',
    });
  });

  it('names one that is too busy even for that', async () => {
    const busy = (socket: Socket): void =>
      void socket.once('data', () => socket.end(refusal('53300', 'sorry, too many clients already')));
    expect(await run(busy)).toMatchObject({
      ok: false,
      output: 'SERVER refuses connections: sorry, too many clients already',
    });
  });
});

describe('answers of any kind', () => {
  const known = [LOGGED_IN, answer('t'), SASL, READY, refusal('28000', 'no'), message('R', u32(3))];
  const odd = fc
    .tuple(fc.constantFrom(...Array.from('RSKZTDCENAGHdcW1n')), fc.uint8Array({ maxLength: 60 }))
    .map(([type, content]) => message(type, content));
  const any = fc.oneof(
    odd,
    fc.constantFrom(...known),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  );

  it('end in an outcome, with every connection closed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(any, { minLength: 1, maxLength: 4 }), async (replies) => {
        const forged = await forgedServer(replying(...replies));
        const outcome = await runProbe(postgresProbe, check(forged.port, { role: 'Primary' }), 20);
        await forged.allClosed();
        await forged.close();
        expect(outcome.output).not.toBe('');
      }),
      { numRuns: 150 },
    );
  }, 30_000);
});
