import { expect, test } from '@jest/globals';
import { readInvocation } from './invocation.ts';

const AGENT_OPTIONS = ['--controllers=c0=192.0.2.1:7400', '--interfaces=eth1', '--allowed-addresses=192.0.2.0/24'];

const CONTROLLER_OPTIONS = ['--id=c0', '--listen=192.0.2.1:7480', '--etcd=https://192.0.2.1:2379'];

const run = (argv: readonly string[]) =>
  readInvocation({
    argv,
    environment: {},
    host: { hostname: 'node-a' },
    program: 'vippool',
    version: '1.2.3',
    readFile: () => '',
  });

test.each([
  [
    'half of what certificates need',
    ['agent', ...AGENT_OPTIONS, '--tls-cert=a.crt'],
    [
      '--tls-key: is missing beside --tls-cert; give all three or none',
      '--tls-ca: is missing beside --tls-cert; give all three or none',
    ],
  ],
  [
    'a token and no files to write',
    ['agent', ...AGENT_OPTIONS, '--identity-token=token'],
    ['--tls-cert: is missing beside --identity-token, which writes this file'],
  ],
  [
    'an authority without the rest',
    ['controller', ...CONTROLLER_OPTIONS, '--source=dir:pools', '--authority=vippool-system/ca'],
    [
      '--agent-account: is missing beside --authority',
      '--identity-listen: is missing beside --authority',
      '--tls-cert: is missing beside --authority, which writes this file',
      '--authority: needs the Kubernetes API: write --source kubernetes, or make certificates by "vippool certs"',
    ],
  ],
  [
    'the rest without an authority',
    ['controller', ...CONTROLLER_OPTIONS, '--source=kubernetes', '--etcd-secret=etcd', '--agent-account=a'],
    [
      '--agent-account: "a" is not NAMESPACE/NAME; write for example vippool-system/vippool-ca',
      '--etcd-secret: has no effect without --authority; give both or neither',
    ],
  ],
  [
    'an action that is none',
    ['certs', 'renew'],
    ['init|issue|replace-ca|retire-ca: "renew" is not allowed; write init, issue, replace-ca or retire-ca'],
  ],
  [
    'a certificate for nobody',
    ['certs', 'issue'],
    ['--node: is missing; write --node NAME, --controller ID or --server NAME'],
  ],
  [
    'a certificate for two',
    ['certs', 'issue', '--node=a', '--controller=c1'],
    ['--controller: cannot be given with --node: a certificate speaks for one holder; write one of both'],
  ],
  [
    'a server that nobody can reach',
    ['certs', 'issue', '--server=etcd'],
    ['--hosts: is missing; write the names and addresses under which the server is reached'],
  ],
  ['a holder of an authority', ['certs', 'init', '--node=a'], ['--node: belongs to issue, not to init; remove it']],
  [
    'a host that is none',
    ['certs', 'issue', '--node=a', '--hosts=1.2.3'],
    ['--hosts: "1.2.3" is neither IP address nor DNS name; write for example 192.0.2.1 or etcd-1.example'],
  ],
])('%s is a problem', (_, argv, problems) => {
  const invocation = run(argv);
  const lines =
    invocation.kind === 'refused' ? invocation.text.split('\n').filter((line) => line.startsWith('  ')) : [];
  expect(lines.map((line) => line.trim())).toEqual(problems);
});

test('the word after the command says what to do, the options for whom', () => {
  expect(run(['certs', 'issue', '--controller=c1', '--hosts=c1.example,192.0.2.1', '--days=30'])).toEqual({
    kind: 'certs',
    config: {
      action: 'issue',
      dir: '/etc/vippool/pki',
      controller: 'c1',
      hosts: ['c1.example', '192.0.2.1'],
      days: 30,
    },
  });
});

test('an agent with all three files is told all of them', () => {
  const files = ['--tls-cert=a.crt', '--tls-key=a.key', '--tls-ca=ca.crt'];
  expect(run(['agent', ...AGENT_OPTIONS, ...files])).toMatchObject({
    kind: 'agent',
    config: { tlsCert: 'a.crt', tlsKey: 'a.key', tlsCa: 'ca.crt' },
  });
});
