import { connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { controllerIdentity, nodeIdentity } from '../../core/identity.ts';
import { controllerId, nodeName } from '../../core/ids.ts';
import type { SignAnswer, SignRequest } from '../../ports/identity-service.ts';
import { type HeldCredentials, TestAuthority } from '../../testing/certificates.ts';
import { freePort } from '../../testing/free-port.ts';
import { dialTcp, dialTls, hungUp } from '../../testing/grpc-caller.ts';
import { C1, GrpcParties } from '../../testing/grpc-parties.ts';
import { GrpcIdentityLink } from './grpc-identity-link.ts';
import { GrpcIdentityServer } from './grpc-identity-server.ts';

const REQUEST: SignRequest = { token: 'the secret token', request: Uint8Array.of(1, 2, 3) };

let authority: TestAuthority;
let stranger: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.create();
  stranger = await TestAuthority.create();
});

let parties: GrpcParties;
let heard: SignRequest[];
let answer: (request: SignRequest) => Promise<SignAnswer>;
beforeEach(async () => {
  parties = await GrpcParties.create();
  heard = [];
  answer = () => Promise.resolve({ kind: 'certified', certificate: 'certificate' });
});
afterEach(async () => {
  await parties.stop();
  expect(JSON.stringify(parties.ports.lines)).not.toContain(REQUEST.token);
});

async function serve(credentials?: HeldCredentials, listen = parties.address): Promise<void> {
  const own = credentials ?? (await authority.credentials(controllerIdentity(C1)));
  const server = new GrpcIdentityServer({ listen, credentials: own, ...parties.common });
  parties.atEnd(() => server.stop());
  await server.start((request) => {
    heard.push(request);
    return answer(request);
  });
}

const linkTo = (addresses: readonly string[] = [parties.address], trusted = authority): GrpcIdentityLink =>
  new GrpcIdentityLink({
    controllers: addresses.map((address) => ({ id: C1, address })),
    authorities: () => Promise.resolve(trusted.pair.certificate),
    ...parties.common,
  });

test('who has no certificate yet gets one', async () => {
  await serve();
  expect(await linkTo().sign(REQUEST)).toBe('certificate');
  expect(heard.map(({ token, request }) => ({ token, request: Uint8Array.from(request) }))).toEqual([REQUEST]);
  expect(parties.ports.count('certificate_requests_total answer=certified')).toBe(1);
  expect(parties.warnings).toEqual([]);
});

test('the answer of a controller that knows better counts; one that is away, or has no time, is passed by', async () => {
  await serve();
  const nobody = `127.0.0.1:${await freePort()}`;
  expect(await linkTo([nobody, nobody, parties.address]).sign(REQUEST)).toBe('certificate');
  await expect(linkTo([nobody]).sign(REQUEST)).rejects.toMatchObject({ code: 'Unavailable', retryable: true });
  answer = () => Promise.resolve({ kind: 'refused', detail: 'the token has expired' });
  await expect(linkTo([nobody, parties.address]).sign(REQUEST)).rejects.toMatchObject({
    code: 'PermissionDenied',
    message: expect.stringMatching(/controller c1 .*the token has expired/),
  });
  expect(parties.refused('messages', 'not-certified')).toBe(1);
});

describe('a token is not shown to', () => {
  afterEach(() => expect(heard).toEqual([]));

  test.each([
    ['a controller of another authority', () => stranger.credentials(controllerIdentity(C1))],
    ['another controller', () => authority.credentials(controllerIdentity(controllerId('c2')))],
    ['a node', () => authority.credentials(nodeIdentity(nodeName('c1')))],
  ])('%s', async (_, make) => {
    await serve(await make());
    await expect(linkTo().sign(REQUEST)).rejects.toMatchObject({ name: 'OpError' });
  });

  test('somebody who does not encrypt', async () => {
    const plain = parties.newServer();
    await parties.serve(undefined, plain);
    await expect(linkTo().sign(REQUEST)).rejects.toMatchObject({ name: 'OpError' });
  });
});

describe('the port for anybody', () => {
  test('lets nobody into the others', async () => {
    const credentials = await authority.credentials(controllerIdentity(C1));
    await parties.serve(credentials);
    await hungUp(dialTls(parties.port));
    await parties.untilRefused('connections', 'tls');
  });

  test('shows who it is, and asks for nothing', async () => {
    await serve();
    const socket = connectTls({
      port: parties.port,
      host: '127.0.0.1',
      ca: authority.pair.certificate,
      ALPNProtocols: ['h2'],
      checkServerIdentity: () => undefined,
    });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    expect([socket.authorized, socket.getProtocol()]).toEqual([true, 'TLSv1.3']);
    socket.destroy();
  });

  test('takes no plaintext', async () => {
    await serve();
    dialTcp(parties.port).write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await parties.untilRefused('connections', 'tls');
  });

  test('takes nothing larger than a token and a request', async () => {
    await serve();
    const large = { ...REQUEST, request: new Uint8Array(20_000) };
    await expect(linkTo().sign(large)).rejects.toMatchObject({ name: 'OpError' });
    await parties.untilRefused('messages', 'too-large');
    expect(heard).toEqual([]);
    expect(await linkTo().sign(REQUEST)).toBe('certificate');
  });

  test('closes a connection on which a request never ends', async () => {
    await serve();
    const session = connect(`https://127.0.0.1:${parties.port}`, { rejectUnauthorized: false });
    const begun = performance.now();
    const stream = session.request(
      {
        ':method': 'POST',
        ':path': '/vippool.v1.IdentityService/Sign',
        'content-type': 'application/grpc',
        te: 'trailers',
      },
      { endStream: false },
    );
    stream.on('error', () => undefined);
    session.on('error', () => undefined);
    await new Promise((resolve) => session.once('close', resolve));
    expect(performance.now() - begun).toBeLessThan(15_000);
    await parties.untilRefused('messages', 'too-large');
    expect(heard).toEqual([]);
  }, 30_000);
});

test('a flood of one address is bounded: 8 connections at a time, the rest is refused and logged once', async () => {
  await serve();
  await Promise.allSettled(Array.from({ length: 60 }, () => linkTo().sign(REQUEST)));
  expect(heard.length).toBeLessThanOrEqual(20);
  const refused = ['too-many', 'too-fast'].map((reason) => parties.refused('connections', reason));
  expect(refused.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(40);
  const told = parties.warnings.filter((fields) => /too-/.test(String((fields as { reason: unknown }).reason)));
  expect(told.length).toBeLessThanOrEqual(2);
}, 30_000);

test('one connection asks twice, not again and again', async () => {
  await serve();
  const { Client, credentials } = await import('@grpc/grpc-js');
  const { SIGN } = await import('./identity-method.ts');
  const secure = credentials.createSsl(Buffer.from(authority.pair.certificate), null, null, {
    checkServerIdentity: () => undefined,
  });
  const client = new Client(parties.address, secure, { 'grpc.ssl_target_name_override': 'vippool' });
  parties.atEnd(() => Promise.resolve(client.close()));
  const ask = (): Promise<boolean> =>
    new Promise((resolve) =>
      client.makeUnaryRequest(
        SIGN.path,
        SIGN.requestSerialize,
        SIGN.responseDeserialize,
        { ok: true, value: REQUEST },
        (error) => resolve(error === null),
      ),
    );
  expect([await ask(), await ask(), await ask()]).toEqual([true, true, false]);
  expect(parties.refused('messages', 'too-fast')).toBe(1);
});

test('all together ask the API server no more than it can bear', async () => {
  await serve();
  let asked = 0;
  answer = () => {
    asked++;
    return new Promise(() => undefined);
  };
  const addresses = Array.from({ length: 50 }, (_, index) => `127.0.1.${index + 1}`);
  const calls = addresses.map(async (localAddress) => {
    const session = connect('https://127.0.0.1', {
      createConnection: () =>
        connectTls({
          socket: connectTcp({ port: parties.port, host: '127.0.0.1', localAddress }),
          rejectUnauthorized: false,
          ALPNProtocols: ['h2'],
        }),
    });
    session.on('error', () => undefined);
    parties.atEnd(() => Promise.resolve(session.destroy()));
    const stream = session.request({
      ':method': 'POST',
      ':path': '/vippool.v1.IdentityService/Sign',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => undefined);
    stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, 3]), Buffer.from([0x0a, 1, 0x61])]));
    return new Promise<string>((resolve) => {
      stream.on('response', (headers) => resolve(String(headers['grpc-status'] ?? '')));
      stream.on('close', () => resolve(''));
    });
  });
  const refused = await Promise.all(
    calls.map((call) => Promise.race([call, new Promise<string>((resolve) => setTimeout(resolve, 3_000, 'pending'))])),
  );
  expect(asked).toBe(32);
  expect(refused.filter((status) => status === '8')).toHaveLength(18);
}, 30_000);
