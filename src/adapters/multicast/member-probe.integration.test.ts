import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../../testing/eventually.ts';
import { HostNamespace } from '../../testing/host-namespace.ts';
import { LineProcess } from '../../testing/line-process.ts';
import { describeWith } from '../../testing/requirements.ts';
import { ServiceNetwork } from '../../testing/service-network.ts';

const PROGRAM = fileURLToPath(new URL('../../testing/member-process.ts', import.meta.url));
const GROUP = { to: '239.255.74.80', port: 7483 };
const addressOf = (host: number): string => `192.0.2.${host}`;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describeWith(HostNamespace.missing(), 'member probe by UDP multicast', () => {
  let network: ServiceNetwork;
  let hosts: LineProcess[];

  /** Host 1 asks and answers, the others answer. */
  beforeEach(async () => {
    network = await ServiceNetwork.create(3);
    hosts = await Promise.all([1, 2, 3].map((host) => LineProcess.start(network.host(host), PROGRAM)));
    await Promise.all(
      hosts.map((host, i) => host.call('respond', { node: `node-${i + 1}`, address: addressOf(i + 1) })),
    );
    await hosts[0]?.call('probe', addressOf(1));
  });
  afterEach(async () => {
    await Promise.all(hosts.map((host) => host.killed()));
    await network.close();
  });

  const host = (number: number): LineProcess => {
    const found = hosts[number - 1];
    if (!found) throw new Error(`no host ${number}`);
    return found;
  };
  /** Who answers one question, sorted. */
  const answersTo = async (): Promise<string[]> => {
    await host(1).call('answers');
    await host(1).call('ask');
    await pause(150);
    const answers = await host(1).call<{ node: string; address: string }[]>('answers');
    return answers.map(({ node, address }) => `${node} ${address}`).sort();
  };
  const all = [1, 2, 3].map((number) => `node-${number} ${addressOf(number)}`);

  test('every node answers each question once, from its management address; that of the master as well', async () => {
    expect(await eventually(answersTo, (answers) => answers.length === 3)).toEqual(all);
    expect(await answersTo()).toEqual(all);
  });

  test('a node that the switch cuts off is silent, and answers again afterwards', async () => {
    await eventually(answersTo, (answers) => answers.length === 3);
    network.switch.ip('link set port3 down');
    expect(await answersTo()).toEqual(all.slice(0, 2));
    network.switch.ip('link set port3 up');
    expect(await eventually(answersTo, (answers) => answers.length === 3)).toEqual(all);
  });

  test('what is malformed, late or from outside of the subnet is counted and has no effect', async () => {
    await host(2).call('raw', { hex: 'deadbeef', from: addressOf(2), ...GROUP });
    network.host(3).ip('addr add 198.51.100.3/24 dev svc0');
    const question = Buffer.concat([Buffer.from('VPMP\u0001\u0001'), Buffer.alloc(16), Buffer.from('c9')]);
    await host(3).call('raw', { hex: question.toString('hex'), from: '198.51.100.3', ...GROUP });
    const counts = await eventually(
      () => host(1).call<Record<string, number>>('counts'),
      (seen) => Object.keys(seen).length >= 2,
    );
    expect(counts).toEqual({
      'member_datagrams_refused_total malformed': 1,
      'member_datagrams_refused_total outside': 1,
    });
    expect(await answersTo()).toEqual(all);
  });

  test('a host that has no such address says so', async () => {
    await expect(host(2).call('probe', '203.0.113.9')).rejects.toThrow('multicast from 203.0.113.9 is not possible');
    await expect(host(2).call('respond', { node: 'x', address: '203.0.113.9' })).rejects.toThrow(
      '203.0.113.9 is no IPv4 address of this host',
    );
  });
});
