import { describe, expect, test } from '@jest/globals';
import { AGENT, CONTROLLER, problemsOf, run } from '../testing/command-lines.ts';
import type { Invocation } from './invocation.ts';

const EVERY =
  'controller, agent, status, who, move, failback, drain, undrain, history, simulate, diagnose, unprotect, certs, completion, help, version';

function agentConfig(invocation: Invocation) {
  if (invocation.kind !== 'agent') throw new Error(JSON.stringify(invocation));
  return invocation.config;
}

describe('a complete command line', () => {
  test('agent: what is not given has its default', () => {
    expect(run(AGENT)).toEqual({
      kind: 'agent',
      config: {
        nodeName: 'node-a',
        controllers: [{ id: 'c0', host: '192.0.2.1', port: 7400 }],
        interfaces: ['eth1'],
        allowedAddresses: [{ base: { family: 4, value: 0xc0000200n }, prefixLength: 24 }],
        labels: {},
        stateDir: '/run/vippool',
        checkDirs: ['/etc/vippool/checks'],
        timing: 'Default',
        heartbeatMs: undefined,
        leaseMs: undefined,
        marginMs: undefined,
        leaderLeaseMs: undefined,
        addressLifetimeMs: 30_000,
        onStop: 'handover',
        ifRunning: 'refuse',
        startupFile: undefined,
        supervise: 'on',
        realtime: 'auto',
        managementAddress: undefined,
        witnessPort: 7482,
        identityPort: 7484,
        metricsListen: undefined,
        metricsTlsCert: undefined,
        metricsTlsKey: undefined,
        metricsTokenFile: undefined,
        logLevel: 'info',
        logFormat: 'json',
      },
    });
  });

  test('controller: what is not given has its default', () => {
    expect(run(CONTROLLER)).toEqual({
      kind: 'controller',
      config: {
        id: 'node-a',
        nodeName: 'node-a',
        listen: { host: '192.0.2.1', port: 7400 },
        controllers: undefined,
        stateDir: '/run/vippool',
        priority: 0,
        realtime: 'auto',
        etcd: ['http://192.0.2.1:2379'],
        etcdPrefix: '/vippool',
        etcdCa: undefined,
        etcdCert: undefined,
        etcdKey: undefined,
        source: { kind: 'directory', path: 'pools' },
        kubeconfig: undefined,
        electionTtlMs: 3000,
        connectionsPerAddress: 64,
        timing: 'Default',
        heartbeatMs: undefined,
        leaseMs: undefined,
        marginMs: undefined,
        leaderLeaseMs: undefined,
        metricsListen: undefined,
        metricsTlsCert: undefined,
        metricsTlsKey: undefined,
        metricsTokenFile: undefined,
        logLevel: 'info',
        logFormat: 'json',
      },
    });
  });

  test('a switch needs no value, and takes none from the next word', () => {
    const common = { source: { kind: 'kubernetes' }, kubeconfig: undefined, output: 'table', timeoutMs: 60_000 };
    expect(run(['drain', '--dry-run', 'node-b'])).toEqual({
      kind: 'drain',
      config: { ...common, node: 'node-b', dryRun: true, noWait: false },
    });
    expect(
      run(['move', '192.0.2.1', 'node-b', '--dry-run=false'], { environment: { VIPPOOL_NO_WAIT: 'true' } }),
    ).toEqual({
      kind: 'move',
      config: { ...common, address: '192.0.2.1', node: 'node-b', dryRun: false, noWait: true },
    });
  });

  test('an argument may be left out where that means something', () => {
    expect(run(['failback', '--pool', 'nas'])).toMatchObject({ kind: 'failback', config: { pool: 'nas' } });
    expect(run(['history', '2001:DB8::1'])).toMatchObject({ kind: 'history', config: { address: '2001:db8::1' } });
    expect(run(['simulate', '--fail', 'a,b'])).toMatchObject({ kind: 'simulate', config: { fail: ['a', 'b'] } });
    expect(run(['diagnose', '-n', 'vip', '--since', '1h', '--ask', 'a:7481,[::1]:7481'])).toMatchObject({
      kind: 'diagnose',
      config: {
        source: { kind: 'kubernetes' },
        namespace: 'vip',
        sinceMs: 3_600_000,
        ask: [
          { host: 'a', port: 7_481 },
          { host: '::1', port: 7_481 },
        ],
      },
    });
  });

  test('unprotect looks for pods everywhere unless told otherwise', () => {
    const config = { kubeconfig: undefined, namespace: undefined, timeoutMs: 60_000 };
    expect(run(['unprotect'])).toEqual({ kind: 'unprotect', config });
    expect(run(['unprotect', '-n', 'vip', '--timeout=50s'])).toEqual({
      kind: 'unprotect',
      config: { ...config, namespace: 'vip', timeoutMs: 50_000 },
    });
  });

  test('completion is printed', () => {
    expect(run(['completion', 'fish'])).toMatchObject({
      kind: 'print',
      text: expect.stringContaining('complete -c vippool'),
    });
  });

  test('status and who read Kubernetes unless told otherwise', () => {
    const config = { source: { kind: 'kubernetes' }, kubeconfig: undefined, output: 'table', timeoutMs: 10_000 };
    expect(run(['status'])).toEqual({ kind: 'status', config });
    expect(run(['who', '2001:DB8:0::1', '-o', 'json'])).toEqual({
      kind: 'who',
      config: { ...config, output: 'json', address: '2001:db8::1' },
    });
  });
});

describe('where an option comes from', () => {
  const files = { 'agent.yaml': 'leaseDuration: 4s\n' };
  const withFile = [...AGENT, '--config', 'agent.yaml'];

  test('the file wins over the default', () => {
    expect(agentConfig(run(withFile, { files })).leaseMs).toBe(4000);
  });

  test('the environment wins over the file', () => {
    const environment = { VIPPOOL_LEASE_DURATION: '3s' };
    expect(agentConfig(run(withFile, { files, environment })).leaseMs).toBe(3000);
  });

  test('the flag wins over the environment', () => {
    const environment = { VIPPOOL_LEASE_DURATION: '3s' };
    expect(agentConfig(run([...withFile, '--lease-duration=2s'], { files, environment })).leaseMs).toBe(2000);
  });

  test('the file may be named by the environment', () => {
    expect(agentConfig(run(AGENT, { files, environment: { VIPPOOL_CONFIG: 'agent.yaml' } })).leaseMs).toBe(4000);
  });

  test('an empty variable counts as not set', () => {
    expect(agentConfig(run(AGENT, { environment: { VIPPOOL_LEASE_DURATION: '' } })).leaseMs).toBeUndefined();
  });

  test('a flag of a list may be repeated', () => {
    expect(agentConfig(run([...AGENT, '--interfaces', 'eth2,eth3'])).interfaces).toEqual(['eth1', 'eth2', 'eth3']);
  });
});

describe('problems', () => {
  test.each([
    [['--metrics-tls-cert=c'], ['--metrics-tls-cert: has no effect without --metrics-listen; give both, or remove it']],
    [
      ['--metrics-token-file=t'],
      ['--metrics-token-file: has no effect without --metrics-listen; give both, or remove it'],
    ],
    [
      ['--metrics-listen=[::]:7483', '--metrics-tls-cert=c'],
      ['--metrics-tls-key: is missing beside --metrics-tls-cert; give both or neither'],
    ],
    [
      ['--metrics-listen=[::]:7483', '--metrics-tls-key=k'],
      ['--metrics-tls-cert: is missing beside --metrics-tls-key; give both or neither'],
    ],
  ])('metrics with %j', (given, problems) => {
    expect(problemsOf(run([...AGENT, ...given]))).toEqual(problems);
  });

  test('metrics with certificate, key and token are served', () => {
    const given = [
      '--metrics-listen=[::]:7483',
      '--metrics-tls-cert=c',
      '--metrics-tls-key=k',
      '--metrics-token-file=t',
    ];
    expect(agentConfig(run([...AGENT, ...given]))).toMatchObject({
      metricsTlsCert: 'c',
      metricsTlsKey: 'k',
      metricsTokenFile: 't',
    });
  });

  test('all of them are named at once, each with its place', () => {
    const invocation = run(['agent', '--lease-duraton', '1s', '--config=a.yaml', '--log-level=loud', 'extra'], {
      environment: { VIPPOOL_CONTROLERS: 'c0=192.0.2.1:7400', VIPPOOL_LEASE_MARGIN: '1x' },
      files: { 'a.yaml': 'interfaces: [eth1]\nonstop: keep\n' },
    });
    expect(problemsOf(invocation)).toEqual([
      'extra: not expected here; remove it',
      '--lease-duraton: unknown option; did you mean --lease-duration?',
      'VIPPOOL_CONTROLERS: unknown variable; did you mean VIPPOOL_CONTROLLERS?',
      'a.yaml:2: onstop: unknown key; did you mean onStop?',
      '--controllers: is missing; write --controllers ID=HOST:PORT,..., set VIPPOOL_CONTROLLERS, or give the key controllers in the file of --config',
      '--allowed-addresses: is missing; write --allowed-addresses CIDR,..., set VIPPOOL_ALLOWED_ADDRESSES, or give the key allowedAddresses in the file of --config',
      'VIPPOOL_LEASE_MARGIN: "1x" is not a duration; write for example 200ms, 1s or 1m30s',
      '--log-level: "loud" is not allowed; write debug, info, warn or error',
    ]);
  });

  test('kubectl asks for completion, whatever the words are', () => {
    expect(run(['drain', '--dr'], { program: 'kubectl_complete-vip' })).toEqual({
      kind: 'print',
      text: '--dry-run\n:4\n',
    });
  });

  test('the text says which command, how many, and where to read more', () => {
    expect(run(['status', '--outptu=json'], { program: 'kubectl vip' })).toEqual({
      kind: 'refused',
      text:
        'kubectl vip status: 1 problem\n  --outptu: unknown option; did you mean --output?\n' +
        'Run "kubectl vip status --help" for help.\n',
    });
  });

  test.each([
    [
      'a value that is missing',
      ['status', '--output'],
      ['--output: has no value; write --output table|wide|json|yaml'],
    ],
    [
      'an option in place of a value',
      ['status', '--output', '--timeout', '1s'],
      ['--output: has no value; write --output table|wide|json|yaml'],
    ],
    [
      'a scalar given twice',
      ['status', '--timeout=1s', '--timeout=2s'],
      ['--timeout: is given 2 times; write it once'],
    ],
    ['an unknown short option', ['status', '-x'], ['-x: unknown option']],
    ['the value of an unknown option', ['status', '--frobnicate', '7'], ['--frobnicate: unknown option']],
    [
      'two arguments that are missing',
      ['move'],
      ['IP: is missing; write move IP NODE', 'NODE: is missing; write move IP NODE'],
    ],
    [
      'two arguments in the wrong order',
      ['move', 'node-a', '192.0.2.1'],
      ['IP: "node-a" is not an IP address; write for example 192.0.2.10 or 2001:db8::10'],
    ],
    [
      'a switch with a word',
      ['drain', 'node-a', '--dry-run=maybe'],
      ['--dry-run: "maybe" is not allowed; write true or false, or the flag alone'],
    ],
    [
      'switches that do not fit together',
      ['drain', 'node-a', '--dry-run', '--no-wait'],
      ['--no-wait: has no effect with --dry-run; remove one of the two'],
    ],
    [
      'no node to fail',
      ['simulate'],
      ['--fail: is missing; write --fail NODE,..., set VIPPOOL_FAIL, or give the key fail in the file of --config'],
    ],
    [
      'a namespace of a directory',
      ['diagnose', '--source', 'dir:pools', '-n', 'vip'],
      ['--namespace: has no effect with --source dir:PATH; remove one of the two'],
    ],
    ['an unknown shell', ['completion', 'ksh'], ['bash|zsh|fish: "ksh" is not allowed; write bash, zsh or fish']],
    ['an argument that is missing', ['who'], ['IP: is missing; write who IP']],
    ['one argument too many', ['who', '192.0.2.1', 'now'], ['now: not expected here; remove it']],
    ['no address', ['who', 'nas'], ['IP: "nas" is not an IP address; write for example 192.0.2.10 or 2001:db8::10']],
    ['a misspelt command', ['statsu'], ['statsu: unknown command; did you mean status?']],
    ['a foreign command', ['x'], [`x: unknown command; write one of ${EVERY}`]],
    ['no command', [], [`command: is missing; write one of ${EVERY}`]],
    ['help about nothing', ['help', 'agnt'], ['agnt: unknown command; did you mean agent?']],
  ])('%s', (_, argv, problems) => {
    expect(problemsOf(run(argv))).toEqual(problems);
  });

  test('a file that cannot be read', () => {
    expect(problemsOf(run(['status', '--config=gone.yaml']))).toEqual([
      "--config: cannot read the file: ENOENT: no such file, open 'gone.yaml'",
    ]);
  });

  test('a host whose name is no node name', () => {
    const [problem] = problemsOf(run(AGENT, { host: { hostname: 'my_host' } }));
    expect(problem).toContain('--node-name: the name of this host does not fit: "my_host" is not a valid name');
  });

  test('variables of other commands and of other programs are let pass', () => {
    const environment = {
      VIPPOOL_LISTEN: '192.0.2.1:7400',
      VIPPOOL_OUTPUT_SERVICE_HOST: '10.0.0.1',
      VIPPOOL_OUTPUT_PORT: 'tcp://10.0.0.1:80',
      VIPPOOL_OUTPUT_PORT_80_TCP_ADDR: '10.0.0.1',
      VIPPOOL_SOMETHING_ELSE: '1',
    };
    expect(run(['status'], { environment }).kind).toBe('status');
  });
});

describe('version', () => {
  test.each([['version'], ['--version'], ['-V'], ['agent', '--version'], ['who', '--bogus', '-V']])(
    '%s %s',
    (...argv) => {
      expect(run(argv)).toEqual({ kind: 'print', text: 'vippool 1.2.3\n' });
    },
  );
});
