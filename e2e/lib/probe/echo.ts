/**
 * Answers every UDP probe to a VIP with the name of the host that it reached, from the VIP itself. One process for all
 * hosts: each socket is made in its host's network namespace and stays there. A host's argument is its name.
 */
import dgram from 'node:dgram';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import koffi from 'koffi';
import { type Command, familyOf, PROBE_PORT } from './protocol.ts';

const CLONE_NEWNET = 0x40000000;
const setns = koffi.load(null).func('int setns(int, int)');

function enter(namespace: string): void {
  const fd = openSync(namespace, 'r');
  if (setns(fd, CLONE_NEWNET) !== 0) throw new Error(`setns ${namespace}: errno ${koffi.errno()}`);
  closeSync(fd);
}

async function answer(host: string, vip: string): Promise<void> {
  const socket = dgram.createSocket({ type: familyOf(vip) === 4 ? 'udp4' : 'udp6', recvBufferSize: 1 << 20 });
  const name = Buffer.from(host);
  socket.on('message', (probe, from) => socket.send(Buffer.concat([probe, name]), from.port, from.address));
  // A host that has just lost its power cannot answer: nothing to do about it here.
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.bind(PROBE_PORT, vip, resolve));
}

const hosts = process.argv.slice(2);
const known = new Set<string>();

async function serve(vips: readonly string[]): Promise<void> {
  const fresh = vips.filter((vip) => !known.has(vip));
  for (const host of hosts) {
    enter(`/run/netns/${host}`);
    for (const key of ['ipv4', 'ipv6']) writeFileSync(`/proc/sys/net/${key}/ip_nonlocal_bind`, '1');
    for (const vip of fresh) await answer(host, vip);
  }
  for (const vip of fresh) known.add(vip);
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const command = JSON.parse(line) as Command;
    if (command.kind === 'vips') void serve(command.vips).then(() => process.stdout.write('{"kind":"ready"}\n'));
  })
  .on('close', () => process.exit(0));
