import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { controllerIdentity, nodeIdentity } from '../../core/identity.ts';
import { controllerId, nodeName } from '../../core/ids.ts';
import type { Credentials } from '../../ports/credentials.ts';
import { TestAuthority } from '../../testing/certificates.ts';
import { C1, GrpcParties } from '../../testing/grpc-parties.ts';
import { majorityLetsIn } from './controller-reach.ts';

const NODE = nodeIdentity(nodeName('node-a'));
/** Longer than a handshake, and than a refusal that comes after it. */
const LONG_MS = 1_500;
const NOBODY = '127.0.0.1:1';

let authority: TestAuthority;
let stranger: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.create();
  stranger = await TestAuthority.create();
});

let parties: GrpcParties;
let trying: AbortController;
beforeEach(async () => {
  parties = await GrpcParties.create();
  trying = new AbortController();
});
afterEach(async () => {
  trying.abort();
  await parties.stop();
});

const isLetIn = async (credentials: Credentials, others: readonly string[] = []): Promise<boolean> => {
  const addresses = [parties.address, ...others];
  const controllers = addresses.map((address, index) => ({ id: controllerId(`c${index + 1}`), address }));
  const letIn = majorityLetsIn(controllers, { credentials, ...parties.common }, trying.signal);
  return Promise.race([letIn.then(() => true), pause(LONG_MS, false)]);
};

test('whom a majority lets in is told so, and no session has begun', async () => {
  const side = await parties.serve(await authority.credentials(controllerIdentity(C1)));
  expect(await isLetIn(await authority.credentials(NODE))).toBe(true);
  expect(side.messages).toEqual([]);
});

test('one of three is no majority', async () => {
  await parties.serve(await authority.credentials(controllerIdentity(C1)));
  expect(await isLetIn(await authority.credentials(NODE), [NOBODY, NOBODY])).toBe(false);
});

test('whose certificate a controller does not accept is not let in, though it accepts that of the controller', async () => {
  await parties.serve(await authority.credentials(controllerIdentity(C1)));
  expect(await isLetIn(await authority.misled(NODE, stranger))).toBe(false);
});

test('a controller that starts later lets in as well', async () => {
  const credentials = await authority.credentials(NODE);
  const answer = isLetIn(credentials);
  await pause(200);
  await parties.serve(await authority.credentials(controllerIdentity(C1)));
  expect(await answer).toBe(true);
});
