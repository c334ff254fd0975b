import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../../testing/free-port.ts';
import { type ForgedServer, forgedServer } from '../../testing/forged-server.ts';
import { probeContext, runProbe } from '../../testing/probe-runs.ts';
import { tcpProbe } from './tcp-probe.ts';

describe('tcp probe', () => {
  let server: ForgedServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it.each(['127.0.0.1', '::1'])('connects to %s and closes at once', async (host) => {
    server = await forgedServer(() => undefined, host);
    const outcome = await runProbe(tcpProbe, { type: 'tcp', host, port: server.port });
    const shown = host === '::1' ? '[::1]' : host;
    expect(outcome).toEqual({ ok: true, output: `${shown}:${server.port} accepts connections`, certain: false });
    await server.allClosed();
  });

  it('looks names up', async () => {
    server = await forgedServer(() => undefined);
    const outcome = await runProbe(tcpProbe, { type: 'tcp', host: 'localhost', port: server.port });
    expect(outcome).toMatchObject({ ok: true, output: `localhost:${server.port} accepts connections` });
  });

  it('names a port on which nothing listens', async () => {
    const port = await freePort();
    expect(await runProbe(tcpProbe, { type: 'tcp', host: '127.0.0.1', port })).toEqual({
      ok: false,
      output: `127.0.0.1:${port} refuses connections: nothing listens there`,
      certain: false,
    });
  });

  it('names a name that is not known', async () => {
    const outcome = await runProbe(tcpProbe, { type: 'tcp', host: 'no-such-host.invalid', port: 1 }, 5_000);
    expect(outcome.output).toMatch(/^(the name no-such-host.invalid is not known|no name server answers for .*)$/);
  });

  it('does not reject where the port is none', async () => {
    expect(await runProbe(tcpProbe, { type: 'tcp', host: '127.0.0.1', port: 70_000 })).toMatchObject({ ok: false });
  });

  it('connects to nobody once it is cut off', async () => {
    let connections = 0;
    server = await forgedServer(() => connections++);
    const check = { type: 'tcp', host: '127.0.0.1', port: server.port } as const;
    const outcome = await tcpProbe.run(check, probeContext(300), AbortSignal.abort());
    expect(outcome).toMatchObject({ ok: false, output: `no connection to 127.0.0.1:${server.port} within 300 ms` });
    expect(connections).toBe(0);
  });
});
