import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HttpProbe, ProbeOutcome } from '../../core/checks.ts';
import { answering, type ForgedServer, forgedServer } from '../../testing/forged-server.ts';
import { freePort } from '../../testing/free-port.ts';
import { probeContext, runProbe } from '../../testing/probe-runs.ts';
import { httpProbe } from './http-probe.ts';

const check = (url: string, more: Partial<HttpProbe> = {}): HttpProbe => ({
  type: 'http',
  url,
  statuses: [200, 399],
  contains: '',
  verifyTls: true,
  ...more,
});

let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
});

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const serving = (listener: RequestListener, host?: string): Promise<number> => listening(createServer(listener), host);

const forged = async (...[talk]: Parameters<typeof forgedServer>): Promise<ForgedServer> => {
  const server = await forgedServer(talk);
  close = () => server.close();
  return server;
};

describe('http probe', () => {
  it.each(['127.0.0.1', '::1'])('asks %s by GET, and tells the status', async (host) => {
    const asked: unknown[] = [];
    const port = await serving(({ method, url, headers }, response) => {
      asked.push(method, url, headers.connection, headers['user-agent']);
      response.end();
    }, host);
    const at = host === '::1' ? `[::1]:${port}` : `127.0.0.1:${port}`;
    expect(await runProbe(httpProbe, check(`http://${at}/health?deep=1`))).toEqual({
      ok: true,
      output: `${at} answers 200`,
      certain: false,
    });
    expect(asked).toEqual(['GET', '/health?deep=1', 'close', 'vippool-check']);
  });

  it('follows no redirect: 302 is an answer', async () => {
    let requests = 0;
    const port = await serving((_, response) => {
      requests++;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const url = `http://127.0.0.1:${port}/`;
    expect(await runProbe(httpProbe, check(url))).toMatchObject({ ok: true });
    expect(await runProbe(httpProbe, check(url, { statuses: [200, 299] }))).toMatchObject({
      ok: false,
      output: `127.0.0.1:${port} answers 302, wanted 200 to 299`,
    });
    expect(requests).toBe(2);
  });

  it('wants one status', async () => {
    const port = await serving((_, response) => void response.writeHead(503).end());
    const outcome = await runProbe(httpProbe, check(`http://127.0.0.1:${port}/`, { statuses: [204, 204] }));
    expect(outcome.output).toBe(`127.0.0.1:${port} answers 503, wanted 204`);
  });

  it('makes a connection of its own for each run', async () => {
    const ports = new Set<number | undefined>();
    const port = await serving(({ socket }, response) => {
      ports.add(socket.remotePort);
      response.end();
    });
    for (let run = 0; run < 3; run++) await runProbe(httpProbe, check(`http://127.0.0.1:${port}/`));
    expect(ports.size).toBe(3);
  });

  const bodyOf = async (chunks: readonly string[], contains: string): Promise<ProbeOutcome> => {
    const port = await serving((_, response) => {
      for (const chunk of chunks) response.write(chunk);
      response.end();
    });
    return runProbe(httpProbe, check(`http://127.0.0.1:${port}/`, { contains }));
  };

  it('finds text in the body, over the borders of its pieces', async () => {
    expect(await bodyOf(['all is ', 'we', 'll, thanks'], 'is well')).toMatchObject({ ok: true });
  });

  it('says what the body does not contain', async () => {
    expect((await bodyOf(['ill'], 'well')).output).toMatch(/ answers 200, but the body does not contain "well"$/);
    await close?.();
    const long = await bodyOf(['x'.repeat(65_535), 'well'], 'well');
    expect(long.output).toMatch(/ but the first 64 KiB of the body do not contain "well"$/);
  });

  it('finds text at the very end of the first 64 KiB', async () => {
    expect(await bodyOf(['x'.repeat(65_532), 'well', 'y'.repeat(10)], 'well')).toMatchObject({ ok: true });
  });

  it('reads no endless body', async () => {
    const server = await forged((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const more = (): void => {
        while (socket.writable && socket.write('x'.repeat(10_000)));
      };
      socket.on('drain', more);
      more();
    });
    const outcome = await runProbe(httpProbe, check(`http://127.0.0.1:${server.port}/`, { contains: 'well' }));
    expect(outcome.output).toContain('the first 64 KiB');
    await server.allClosed();
  });

  it.each([
    ['nothing', []],
    ['half a header', [Buffer.from('HTTP/1.1 200 OK\r\nserver: ')]],
    ['half a body', [Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc')]],
  ])('is cut off where the server says %s', async (_, chunks) => {
    const server = await forged(answering(...chunks));
    const outcome = await runProbe(httpProbe, check(`http://127.0.0.1:${server.port}/`, { contains: 'x' }), 100);
    expect(outcome).toEqual({
      ok: false,
      output: `127.0.0.1:${server.port} accepted the connection, but gave no answer within 100 ms`,
      certain: false,
    });
    await server.allClosed();
  });

  it.each([
    ['SSH-2.0-OpenSSH_9.2\r\n', /gives no answer of HTTP: /],
    [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, /gives no answer of HTTP: Header overflow/],
  ])('names a wrong answer', async (answer, text) => {
    const server = await forged(answering(Buffer.from(answer)));
    const outcome = await runProbe(httpProbe, check(`http://127.0.0.1:${server.port}/`));
    expect(outcome).toMatchObject({ ok: false, output: expect.stringMatching(text) });
    await server.allClosed();
  });

  it('names a server that hangs up, or resets', async () => {
    let server = await forged((socket) => void socket.end());
    let outcome = await runProbe(httpProbe, check(`http://127.0.0.1:${server.port}/`));
    expect(outcome.output).toMatch(/ closed the connection without an answer$/);
    await server.close();
    server = await forged((socket) => void socket.once('data', () => socket.resetAndDestroy()));
    outcome = await runProbe(httpProbe, check(`http://127.0.0.1:${server.port}/`));
    expect(outcome.output).toBe(`127.0.0.1:${server.port} reset the connection`);
  });

  it('names a port on which nothing listens, and text that is no URL', async () => {
    const port = await freePort();
    const refused = await runProbe(httpProbe, check(`http://127.0.0.1:${port}/`));
    expect(refused.output).toBe(`127.0.0.1:${port} refuses connections: nothing listens there`);
    const none = await runProbe(httpProbe, check('ftp://a/'));
    expect(none.output).toBe('"ftp://a/" is no URL: write http://HOST:PORT/PATH or https://...');
  });

  it('asks nobody once it is cut off', async () => {
    let connections = 0;
    const server = await forged(() => connections++);
    const probe = check(`http://127.0.0.1:${server.port}/`);
    expect(await httpProbe.run(probe, probeContext(100), AbortSignal.abort())).toMatchObject({ ok: false });
    expect(connections).toBe(0);
  });
});

describe('http probe with TLS', () => {
  const servingTls = async (): Promise<number> => {
    const directory = mkdtempSync(join(tmpdir(), 'vippool-http-probe-'));
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost`;
    execFileSync('openssl', [...words.split(' '), '-keyout', key, '-out', cert], { stdio: 'pipe' });
    const options = { key: readFileSync(key), cert: readFileSync(cert) };
    rmSync(directory, { recursive: true });
    return listening(createTlsServer(options, (_, response) => void response.end('well')));
  };

  it('verifies the certificate, unless told not to', async () => {
    const port = await servingTls();
    const strict = await runProbe(httpProbe, check(`https://localhost:${port}/`));
    expect(strict.output).toBe(`no TLS with localhost:${port}: self-signed certificate`);
    const lax = check(`https://127.0.0.1:${port}/`, { verifyTls: false, contains: 'well' });
    expect(await runProbe(httpProbe, lax)).toMatchObject({ ok: true, output: `127.0.0.1:${port} answers 200` });
  });

  it('names a server without TLS', async () => {
    const port = await serving((_, response) => void response.end());
    const outcome = await runProbe(httpProbe, check(`https://127.0.0.1:${port}/`));
    expect(outcome.output).toBe(`no TLS with 127.0.0.1:${port}: wrong version number`);
  });

  it('is cut off in the middle of the handshake', async () => {
    const server = await forged(() => undefined);
    const outcome = await runProbe(httpProbe, check(`https://127.0.0.1:${server.port}/`), 100);
    expect(outcome.output).toBe(`127.0.0.1:${server.port} accepted the connection, but gave no answer within 100 ms`);
    await server.allClosed();
  });
});
