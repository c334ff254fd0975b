import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describeWith, missingNetworkNamespaces } from '../../src/testing/requirements.ts';
import {
  deleteAddressByHand,
  freeze,
  managementBlackHole,
  managementNicDown,
  partition,
  serviceBlackHole,
  serviceNicDown,
} from './faults.ts';
import { type Host, SERVICE_NIC } from './host.ts';
import { ip, ipJson } from './ip.ts';
import { Lab } from './lab.ts';
import { Observer } from './observer.ts';
import { waitFor } from './wait.ts';

const VIPS = ['192.0.2.50', '2001:db8::50'];

/** Whether the management address answers, if only by refusing the connection. */
const managed = (host: Host): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: host.addresses.management, port: 9 });
    const end = (answered: boolean) => (): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED')());
    socket.setTimeout(300, end(false));
  });

const carrier = (host: Host): boolean => {
  const [link] = ipJson(`-n ${host.name} link show dev ${SERVICE_NIC}`) as { flags: string[] }[];
  return link?.flags.includes('LOWER_UP') ?? false;
};

describeWith(missingNetworkNamespaces(), 'a lab', () => {
  let lab: Lab;
  let one: Host;
  let two: Host;
  let observer: Observer;

  beforeAll(async () => {
    lab = Lab.create(['one', 'two']);
    [one, two] = [lab.host('one'), lab.host('two')];
    const own = [one, two].flatMap(({ addresses }) => [addresses.service, addresses.service6]);
    observer = await Observer.start(lab, [...own, ...VIPS]);
  }, 20_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 20_000);

  const holds = async (host: Host): Promise<boolean> =>
    (await observer.holders()).get(host.addresses.service)?.includes(host.name) ?? false;
  /** Whether a client has had an answer since. */
  const served = async (host: Host, since: number): Promise<boolean> =>
    (await observer.since(since)).outage(host.addresses.service) < 100;
  const addVips = (host: Host): void => {
    for (const vip of VIPS) {
      ip(`-n ${host.name} addr add ${vip}/${vip.includes(':') ? '128' : '32'} dev ${SERVICE_NIC} nodad`);
    }
  };

  it('has hosts on two networks, with both families on the service network', async () => {
    for (const host of [one, two]) {
      expect(await managed(host)).toBe(true);
      await waitFor('its addresses', async () => (await holds(host)) && served(host, observer.mark()), 3_000);
      expect((await observer.holders()).get(host.addresses.service6)).toEqual([host.name]);
    }
  });

  it('takes processes, addresses and memory from a host without power, and starts it like a rebooted one', async () => {
    const identity = (): readonly string[] =>
      ['machine-id', 'boot-id'].map((file) => readFileSync(join(one.directory, file), 'utf8'));
    const read = one.run('identity', [
      'sh',
      '-c',
      'cat /etc/machine-id /proc/sys/kernel/random/boot_id; exec sleep 60',
    ]);
    const ended = one.run('ended', ['true']);
    await waitFor('one of them to end', () => !ended.running && read.log() === identity().join(''), 3_000);
    const [machineId, bootId] = identity();
    writeFileSync(join(one.memory, 'note'), '');
    addVips(one);
    await waitFor('its VIPs', async () => (await observer.holders()).get(VIPS[0] ?? '')?.join() === 'one', 3_000);

    await one.powerOff();
    expect([read.running, one.powered, carrier(one)]).toEqual([false, false, false]);
    expect(await managed(one)).toBe(false);
    await waitFor('silence', async () => !(await holds(one)), 3_000);

    one.powerOn();
    expect([read.running, ended.running]).toEqual([true, false]);
    await waitFor('the host', async () => (await holds(one)) && (await managed(one)), 3_000);
    for (const vip of VIPS) expect((await observer.holders()).get(vip)).toEqual([]);
    expect(readdirSync(one.memory)).toEqual([]);
    expect(identity()[0]).toBe(machineId);
    expect(identity()[1]).not.toBe(bootId);
    await waitFor('the process to see it', () => read.log().endsWith(identity().join('')), 3_000);
    expect(readFileSync(join(two.directory, 'machine-id'), 'utf8')).not.toBe(machineId);
    await read.kill();
  }, 20_000);

  it.each([
    [serviceNicDown.name, serviceNicDown, { carrier: false, holds: false, served: false, managed: true }],
    [serviceBlackHole.name, serviceBlackHole, { carrier: true, holds: true, served: false, managed: true }],
    [managementNicDown.name, managementNicDown, { carrier: true, holds: true, served: true, managed: false }],
    [managementBlackHole.name, managementBlackHole, { carrier: true, holds: true, served: true, managed: false }],
    [partition.name, partition, { carrier: true, holds: true, served: false, managed: false }],
  ] as const)(
    'has the fault %s, and heals it',
    async (_, cause, expected) => {
      const state = async (): Promise<object> => {
        const since = observer.mark();
        await new Promise((resolve) => setTimeout(resolve, 200));
        const [holding, serving, managing] = [await holds(one), await served(one, since), await managed(one)];
        return { carrier: carrier(one), holds: holding, served: serving, managed: managing };
      };
      const fine = { carrier: true, holds: true, served: true, managed: true };
      expect(await state()).toEqual(fine);
      const heal = cause(one);
      expect(await state()).toEqual(expected);
      heal();
      await waitFor('all to be fine', async () => JSON.stringify(await state()) === JSON.stringify(fine), 10_000);
      expect(await served(two, 0)).toBe(true);
    },
    30_000,
  );

  it('stops, kills, freezes and starts processes', async () => {
    const ticker = one.run('ticker', [
      'sh',
      '-c',
      'trap "echo asked; exit" TERM; while :; do echo tick; sleep 0.05; done',
    ]);
    const ticks = (): number => ticker.log().split('tick').length - 1;
    await waitFor('it to run', () => ticks() > 1, 3_000);
    const heal = freeze(ticker);
    const frozenAt = ticks();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(ticks() - frozenAt).toBeLessThanOrEqual(1);
    heal();
    await waitFor('it to go on', () => ticks() > frozenAt + 1, 3_000);
    await ticker.stop();
    expect([ticker.running, ticker.log().trimEnd().endsWith('asked')]).toEqual([false, true]);
    ticker.start();
    await ticker.kill();
    const deaf = one.run('deaf', ['sh', '-c', 'trap "" TERM; echo up; while :; do sleep 0.05; done']);
    await waitFor('the deaf one', () => deaf.log().includes('up'), 3_000);
    await deaf.stop(200);
    expect([ticker.running, deaf.running]).toEqual([false, false]);
  }, 20_000);

  it('finds two holders of an address that two hosts have', async () => {
    const mark = observer.mark();
    for (const host of [one, two]) addVips(host);
    const both = async (): Promise<boolean> => {
      const holders = await observer.holders();
      return VIPS.every((vip) => holders.get(vip)?.join() === 'one,two');
    };
    await waitFor('both to answer', both, 3_000);
    for (const vip of VIPS) deleteAddressByHand(two, vip);
    await Promise.all(VIPS.map((vip) => observer.waitForHolder(vip, 'one')));
    expect((await observer.since(mark)).twoHoldersMs).toBeGreaterThan(0);
  }, 20_000);
});
