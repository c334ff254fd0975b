import { expect, test } from '@jest/globals';
import { redactObject, redactText } from './redact.ts';

const KEY = ['-----BEGIN EC PRIVATE KEY-----', 'MHcCAQEEIHidden', '-----END EC PRIVATE KEY-----'].join('\n');
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJoaWRkZW4ifQ.aGlkZGVu';

test.each([
  ['a private key', `before\n${KEY}\nafter`, 'before\n<removed: EC PRIVATE KEY>\nafter'],
  ['a private key in JSON', JSON.stringify({ m: KEY }), '{"m":"<removed: EC PRIVATE KEY>"}'],
  ['a private key without end', KEY.slice(0, 50), '<removed: EC PRIVATE KEY>'],
  ['a private key without beginning', `${KEY.slice(31)}\nafter`, '<removed: EC PRIVATE KEY>\nafter'],
  ['a key of a kubeconfig', `key: ${Buffer.from(KEY).toString('base64')}`, 'key: <removed>'],
  [
    'a certificate of a kubeconfig',
    Buffer.from('-----BEGIN CERTIFICATE-----\nMIIBMIIBMIIBMIIB').toString('base64'),
    undefined,
  ],
  ['its name', 'client-key-data: hidden', 'client-key-data: <removed>'],
  ['a token of a service account', `got ${JWT}, thanks`, 'got <removed>, thanks'],
  ['a header', 'Authorization: Basic dXNlcjpoaWRkZW4=', 'Authorization: <removed>'],
  ['a header in JSON', '{"authorization":"Bearer abcdefghijklmnopqrst","a":1}', '{"authorization":"<removed>","a":1}'],
  ['a bearer elsewhere', 'sent Bearer abcdefghijklmnopqrst', 'sent Bearer <removed>'],
  ['a password in a URL', 'at https://root:hidden@etcd:2379/x', 'at https://<removed>@etcd:2379/x'],
  ['an assignment', 'PGPASSWORD=hidden psql', 'PGPASSWORD=<removed> psql'],
  ['a property in JSON', '{"etcdPassword": "hid\\"den", "a": 1}', '{"etcdPassword": "<removed>", "a": 1}'],
  ['JSON in JSON', '{"m":"{\\"token\\":\\"hidden\\",\\"a\\":1}"}', '{"m":"{\\"token\\":\\"<removed>\\",\\"a\\":1}"}'],
  ['a property in YAML', 'client_secret: hidden\nb: 1', 'client_secret: <removed>\nb: 1'],
  ['an option', 'psql --password hidden -h db', 'psql --password <removed> -h db'],
  ['an option with =', 'run --api-key=hidden', 'run --api-key=<removed>'],
  ['a certificate authority', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', undefined],
  ['where a secret is', 'passwordFile: /etc/pg/password, secretName=tls', undefined],
  ['our own options', '--identity-token=/var/run/token --etcd-secret=vippool-system/etcd', undefined],
  ['a sentence', 'the token of node a was refused; no password is needed', undefined],
])('%s', (_, text, expected) => {
  expect(redactText(text)).toBe(expected ?? text);
});

test('what is removed is not removed twice', () => {
  const once = redactText('{"token":"hidden"} password=hidden https://u:p@h');
  expect(redactText(once)).toBe(once);
});

test.each([
  ['word', 'secretary_'.repeat(200_000)],
  ['password', `password=${'a'.repeat(5_000_000)}`],
  ['password in quotes', `password="${String.raw`\\"a`.repeat(1_000_000)}"`],
  ['token', 'eyJaaaaaaaaaaaa'.repeat(300_000)],
  ['beginning of a key', `-----BEGIN PRIVATE KEY-----${'a\n'.repeat(2_000_000)}`],
  ['end of a key', `${'QUJD\n'.repeat(500_000)}-----END PRIVATE KEY-----`],
  ['URL', 'https://a'.repeat(300_000)],
  ['gap', `token${' '.repeat(1_000_000)}`],
])('a %s without an end does no harm', (_, text) => {
  expect(redactText(text).length).toBeLessThanOrEqual(text.length + 10);
});

test('a quote that is not closed takes no other line away', () => {
  expect(redactText('token="hidden\nnext line')).toBe('token="<removed>"\nnext line');
});

test('of a pod, values of environment variables and arguments that look secret are removed', () => {
  const container = {
    name: 'etcd',
    args: ['--password', 'hidden', '--name=a', '--token=hidden', '--identity-token', '/var/run/token'],
    env: [
      { name: 'ETCD_ROOT_PASSWORD', value: 'hidden' },
      { name: 'POD_NAME', value: 'etcd-0' },
      { name: 'VIPPOOL_IDENTITY_TOKEN', value: '/var/run/token' },
      { name: 'DB_TOKEN', valueFrom: { secretKeyRef: { name: 'db', key: 'token' } } },
    ],
  };
  expect(redactObject(container)).toEqual({
    name: 'etcd',
    args: ['--password', '<removed>', '--name=a', '--token=<removed>', '--identity-token', '/var/run/token'],
    env: [
      { name: 'ETCD_ROOT_PASSWORD', value: '<removed>' },
      { name: 'POD_NAME', value: 'etcd-0' },
      { name: 'VIPPOOL_IDENTITY_TOKEN', value: '/var/run/token' },
      { name: 'DB_TOKEN', valueFrom: { secretKeyRef: { name: 'db', key: 'token' } } },
    ],
  });
});

test('copies of manifests and of ownership in metadata go', () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":"hidden"}', a: 'b' };
  const object = {
    kind: 'Pod',
    metadata: { name: 'p', annotations, managedFields: [{}] },
    spec: { hostNetwork: true },
  };
  expect(redactObject(object)).toEqual({
    kind: 'Pod',
    metadata: { name: 'p', annotations: { a: 'b' } },
    spec: { hostNetwork: true },
  });
});

test('a Secret is nothing but its name, wherever it comes from', () => {
  const secret = { kind: 'Secret', metadata: { name: 's', namespace: 'n', labels: {} }, data: { key: 'aGlkZGVu' } };
  expect(redactObject({ items: [secret] })).toEqual({
    items: [{ kind: 'Secret', metadata: { name: 's', namespace: 'n' }, data: '<removed>' }],
  });
});

test('volumes still tell where they come from', () => {
  const volumes = [
    { name: 'tls', secret: { secretName: 'vippool-tls', optional: true } },
    { name: 'api', projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3_600 } }] } },
  ];
  expect(redactObject({ automountServiceAccountToken: false, volumes })).toEqual({
    automountServiceAccountToken: false,
    volumes,
  });
});
