/**
 * Asks every host on its own port, each INTERVAL ms, which VIPs it has. Runs on the switch.
 * Arguments: INTERVAL, names of the hosts.
 */
import { createInterface } from 'node:readline';
import { servicePort } from '../host.ts';
import { ipJson } from '../ip.ts';
import { answeredVip, question } from './frames.ts';
import { HoldingBook } from './holding-book.ts';
import { PortSocket } from './port-socket.ts';
import { type Command, now } from './protocol.ts';

const intervalMs = Number(process.argv[2]);
const hosts = process.argv.slice(3).map((name) => {
  const port = servicePort(name);
  const mac = Buffer.from(readMac(port).replaceAll(':', ''), 'hex');
  return { name, mac, socket: new PortSocket(port), questions: [] as Buffer[] };
});
const book = new HoldingBook();
const vips: string[] = [];

function readMac(port: string): string {
  const [link] = ipJson(`link show ${port}`) as { address: string }[];
  if (!link) throw new Error(`no port ${port}`);
  return link.address;
}

let next = now();
function round(): void {
  for (const host of hosts) {
    host.socket.drain((frame) => {
      const vip = answeredVip(frame, host.mac);
      if (vip !== undefined) book.answered(vip, host.name);
    });
  }
  book.endRound();
  for (const host of hosts) for (const frame of host.questions) host.socket.send(frame);
  book.beginRound(now());
  next = Math.max(next + intervalMs, now() + intervalMs / 2);
  setTimeout(round, next - now());
}
round();

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const command = JSON.parse(line) as Command;
    if (command.kind === 'vips') {
      vips.push(...command.vips.filter((vip) => !vips.includes(vip)));
      for (const host of hosts) host.questions = vips.map((vip) => question(vip, host.mac));
      process.stdout.write('{"kind":"ready"}\n');
      return;
    }
    const report = Object.fromEntries(vips.map((vip) => [vip, book.report(vip, command.since)]));
    process.stdout.write(`${JSON.stringify({ kind: 'report', id: command.id, report })}\n`);
  })
  .on('close', () => process.exit(0));
