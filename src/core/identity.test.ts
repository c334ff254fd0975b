import { expect, test } from '@jest/globals';
import { controllerIdentity, identityIn, isNodeIdentity, nodeIdentity } from './identity.ts';
import { controllerId, nodeName } from './ids.ts';

const NODE = nodeIdentity(nodeName('node-a.example'));

test('a certificate speaks for the node or the controller in its URI', () => {
  expect(NODE).toBe('spiffe://vippool/node/node-a.example');
  expect(identityIn(`URI:${NODE}`)).toBe(NODE);
  expect(identityIn('DNS:c1.example, URI:spiffe://vippool/controller/c1, IP Address:192.0.2.1')).toBe(
    controllerIdentity(controllerId('c1')),
  );
});

test('a node is no controller', () => {
  expect(isNodeIdentity(NODE)).toBe(true);
  expect(isNodeIdentity(controllerIdentity(controllerId('c1')))).toBe(false);
});

test('other URIs are of no interest', () => {
  expect(identityIn(`URI:spiffe://other/ns/x/sa/y, URI:${NODE}`)).toBe(NODE);
});

test.each([
  ['nothing', ''],
  ['no URI', 'DNS:node-a'],
  ['two identities', `URI:${NODE}, URI:spiffe://vippool/controller/c1`],
  ['the same identity twice', `URI:${NODE}, URI:${NODE}`],
  ['another trust domain', 'URI:spiffe://vippool.evil/node/node-a'],
  ['a path of another kind', 'URI:spiffe://vippool/admin/node-a'],
  ['a name with a slash', 'URI:spiffe://vippool/node/a/b'],
  ['a name in capitals', 'URI:spiffe://vippool/node/A'],
  ['no name', 'URI:spiffe://vippool/node/'],
  ['a query', 'URI:spiffe://vippool/node/a?x'],
  ['an identity inside of a quoted name', `DNS:"a, URI:${NODE}"`],
  ['an identity in quotes', `URI:"${NODE}"`],
  ['an identity after a name that ends nowhere', `DNS:"a, URI:${NODE}`],
  ['text without a type', `a, URI:${NODE}`],
])('%s gives no identity', (_, subjectAltName) => {
  expect(identityIn(subjectAltName)).toBeUndefined();
});
