import { describe, expect, test } from '@jest/globals';
import { AGENT, CONTROLLER, problemsOf, run } from '../testing/command-lines.ts';

describe('options that contradict each other', () => {
  test.each([
    ['--heartbeat-interval=400ms', '--heartbeat-interval: 400ms is more than a third of the lease (1s)'],
    ['--heartbeat-interval=334ms', 'write at most 333ms, or a --lease-duration of at least 1002ms'],
    ['--lease-margin=1s', '--lease-margin: 1s leaves a master less than two rounds of the leader lease (500ms)'],
    ['--leader-lease=501ms', '--leader-lease: 501ms is more than half of the lease (1s)'],
    [
      '--timing=Turbo --heartbeat-interval=50ms',
      '--heartbeat-interval: 50ms is more than a third of the lease (100ms)',
    ],
    ['--address-lifetime=2s --lease-duration=2s', '--address-lifetime: 2s is not longer than the lease (2s)'],
    ['--controllers=c1=192.0.2.1:7400', '--controllers: two ids share 192.0.2.1 port 7400'],
    ['--controllers=c1=h1:1,c2=h2:1,c3=h3:1', '--controllers: 4 controllers are not supported'],
  ])('agent %s', (flags, message) => {
    const problems = problemsOf(run([...AGENT, ...flags.split(' ')]));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
  });

  test('agent: a heartbeat of exactly a third of the lease is right', () => {
    expect(run([...AGENT, '--heartbeat-interval=333ms']).kind).toBe('agent');
  });

  test.each([
    ['--election-ttl=1s', '--election-ttl: 1s is out of range; write a duration from 2s to 1m'],
    ['--election-ttl=2500ms', '--election-ttl: 2500ms is not a whole number of seconds; write for example 2s'],
    ['--etcd-cert=c.pem --etcd=https://h:1', '--etcd: mixes http and https'],
    ['--etcd-ca=ca.pem', '--etcd-ca: has no effect on http:// URLs'],
    ['--kubeconfig=k', '--kubeconfig: has no effect with --source dir:PATH'],
  ])('controller %s', (flags, message) => {
    expect(problemsOf(run([...CONTROLLER, ...flags.split(' ')])).join('\n')).toContain(message);
  });

  test.each(['0.0.0.0:7400', '[::]:7400'])('controller --listen %s is every address', (listen) => {
    const [problem] = problemsOf(run(['controller', '--listen', listen, ...CONTROLLER.slice(3)]));
    expect(problem).toContain("write this host's own address on the management network");
  });

  test('controller: a client certificate needs its key and the other way round', () => {
    const https = ['controller', '--listen=192.0.2.1:7400', '--etcd=https://h:2379', '--source=kubernetes'];
    expect(problemsOf(run([...https, '--etcd-cert=c'])).join()).toContain('--etcd-cert: needs --etcd-key as well');
    expect(problemsOf(run([...https, '--etcd-key=k'])).join()).toContain('--etcd-key: needs --etcd-cert as well');
    expect(run([...https, '--etcd-key=k', '--etcd-cert=c', '--etcd-ca=a']).kind).toBe('controller');
  });

  test('the place is where the option was given', () => {
    const files = { 'a.yaml': 'logLevel: info\nheartbeatInterval: 900ms\n' };
    const [problem] = problemsOf(run([...AGENT, '--config=a.yaml'], { files }));
    expect(problem).toMatch(/^a\.yaml:2: heartbeatInterval: 900ms is more than a third/);
  });
});
