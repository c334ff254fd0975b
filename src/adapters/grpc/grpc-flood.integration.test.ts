import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { controllerIdentity, nodeIdentity } from '../../core/identity.ts';
import { nodeName } from '../../core/ids.ts';
import { TestAuthority } from '../../testing/certificates.ts';
import { C1, GrpcParties } from '../../testing/grpc-parties.ts';
import { ack, heartbeat, hello } from '../../testing/wire-messages.ts';

const CONNECTIONS = 10_000;
const AT_A_TIME = 500;
const BEAT_MS = 20;
/** A heartbeat that has not come back by then would cost a lease of the shortest timing. */
const LEASE_MS = 100;

/** Opens connections from another process, so that only the server's part of the work is ours. */
const floodScript = (port: number): string => `
  import { connect } from 'node:net';
  let begun = 0;
  let closed = 0;
  const open = () => {
    if (begun++ >= ${CONNECTIONS}) return;
    const socket = connect({ port: ${port}, host: '127.0.0.1', localAddress: '127.0.0.2' });
    socket.on('error', () => undefined);
    socket.on('close', () => { closed++; open(); });
  };
  for (let count = 0; count < ${AT_A_TIME}; count++) open();
  process.on('beforeExit', () => console.log(closed));`;

let parties: GrpcParties;
beforeEach(async () => {
  parties = await GrpcParties.create();
});
afterEach(() => parties.stop());

test(`${CONNECTIONS} connections of one address take no heartbeat from an agent at another one`, async () => {
  const authority = await TestAuthority.create();
  const side = await parties.serve(await authority.credentials(controllerIdentity(C1)));
  const agent = await parties.connectedAgent(await authority.credentials(nodeIdentity(nodeName('node-a'))));
  const sentAt = new Map<number, number>();
  const roundTrips: number[] = [];
  agent.react = (event) => {
    if (event.kind !== 'message' || event.message.kind !== 'ack') return;
    roundTrips.push(performance.now() - (sentAt.get(event.message.sequence) ?? 0));
  };
  side.react = (event) => {
    if (event.kind !== 'message' || event.message.kind !== 'heartbeat') return;
    side.server.send(event.session, ack(event.message.sequence));
  };
  agent.link.send(C1, hello('node-a'));
  const beats = setInterval(() => {
    sentAt.set(sentAt.size + 1, performance.now());
    agent.link.send(C1, heartbeat(sentAt.size));
  }, BEAT_MS);

  const flood = spawn(process.execPath, ['--input-type=module', '--eval', floodScript(parties.port)]);
  const [output] = await Promise.all([text(flood.stdout), once(flood, 'exit')]);
  clearInterval(beats);

  const refused = ['too-many', 'too-fast', 'server-full', 'tls'].map((reason) =>
    parties.refused('connections', reason),
  );
  expect(Number(output)).toBe(CONNECTIONS);
  expect(refused.reduce((sum, count) => sum + count)).toBe(CONNECTIONS);
  expect(parties.warnings.length).toBeLessThan(6);
  expect(agent.events.filter(({ kind }) => kind === 'disconnected')).toEqual([]);
  expect(roundTrips.length).toBeGreaterThan(10);
  // On a machine that is busy with something else single ones may be late.
  const late = roundTrips.filter((ms) => ms > LEASE_MS);
  expect(late.length).toBeLessThan(roundTrips.length / 10);
}, 120_000);
