import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readInvocation } from './invocation.ts';

const FOLDER = new URL('../../examples/systemd/', import.meta.url);
const readExample = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');

/** Values of one setting of a unit. */
const settingOf = (unit: string, name: string): string[] =>
  new RegExp(`^${name}=(.*)$`, 'm').exec(readExample(unit))?.[1]?.split(' ') ?? [];

/** The command line of a unit, run with the example in place of the installed file. */
function invocationOf(unit: string) {
  const [, words = ''] = /^ExecStart=\/usr\/bin\/vippool (.*)$/m.exec(readExample(unit)) ?? [];
  return readInvocation({
    argv: words.split(' '),
    environment: {},
    host: { hostname: 'host' },
    program: 'vippool',
    version: '0.0.0',
    readFile: (path) => readExample(path.replace('/etc/vippool/', '')),
  });
}

describe('examples/systemd', () => {
  test('the controller accepts its file', () => {
    expect(invocationOf('vippool-controller.service')).toMatchObject({
      kind: 'controller',
      config: { id: 'controller-1', priority: 10, source: { kind: 'directory', path: '/etc/vippool/pools' } },
    });
  });

  test('the agent accepts its file', () => {
    expect(invocationOf('vippool-agent.service')).toMatchObject({
      kind: 'agent',
      config: { nodeName: 'host-1', interfaces: ['eth1'], labels: { role: 'nas' }, onStop: 'handover' },
    });
  });

  test('the controller is one that the agent knows, at the same address', () => {
    const controller = invocationOf('vippool-controller.service');
    const agent = invocationOf('vippool-agent.service');
    if (controller.kind !== 'controller' || agent.kind !== 'agent') throw new Error('an example was refused');
    const { id, nodeName, listen, controllers, heartbeatMs, leaseMs, marginMs } = controller.config;
    expect(agent.config.controllers).toContainEqual({ id, ...listen });
    expect(agent.config).toMatchObject({ nodeName, controllers, heartbeatMs, leaseMs, marginMs });
  });

  test.each(['vippool-controller.service', 'vippool-agent.service'])('%s makes the state directory', (unit) => {
    const invocation = invocationOf(unit);
    if (invocation.kind !== 'controller' && invocation.kind !== 'agent') throw new Error('an example was refused');
    const [directory = ''] = settingOf(unit, 'RuntimeDirectory');
    expect(invocation.config.stateDir).toBe(`/run/${directory}`);
  });

  test('the agent has what addresses, probes, the fence and real-time scheduling need', () => {
    const needed = ['CAP_NET_ADMIN', 'CAP_NET_RAW', 'CAP_NET_BIND_SERVICE', 'CAP_SYS_NICE'];
    for (const setting of ['AmbientCapabilities', 'CapabilityBoundingSet']) {
      expect(settingOf('vippool-agent.service', setting)).toEqual(needed);
    }
  });
});
