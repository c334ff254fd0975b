/**
 * A client: sends a UDP probe to every VIP each INTERVAL ms and notes which were answered, and by which host.
 * Runs in the client's namespace. Argument: INTERVAL.
 */
import dgram from 'node:dgram';
import { createInterface } from 'node:readline';
import { type AnsweredProbe, outagesOf } from './outages.ts';
import { type Command, familyOf, now, PROBE_PORT } from './protocol.ts';

interface Target {
  readonly vip: string;
  readonly socket: dgram.Socket;
  readonly firstSentAt: number;
  last: { sequence: number; sentAt: number };
  readonly answered: AnsweredProbe[];
}

/** Number of the probe, when it was sent. */
const PROBE_BYTES = 12;
const intervalMs = Number(process.argv[2]);
const targets: Target[] = [];

/** A socket for each VIP: the queue of a shared one would overflow whenever this process is late. */
function openSocket(vip: string, answered: AnsweredProbe[]): dgram.Socket {
  const socket = dgram.createSocket(familyOf(vip) === 4 ? 'udp4' : 'udp6');
  socket.on('error', () => undefined);
  socket.on('message', (answer) => {
    const [sequence, sentAt] = [answer.readUInt32LE(0), answer.readDoubleLE(4)];
    answered.push({ sequence, sentAt, host: answer.toString('latin1', PROBE_BYTES) });
  });
  return socket;
}

function send(target: Target): void {
  const probe = Buffer.alloc(PROBE_BYTES);
  target.last = { sequence: target.last.sequence + 1, sentAt: now() };
  probe.writeUInt32LE(target.last.sequence, 0);
  probe.writeDoubleLE(target.last.sentAt, 4);
  target.socket.send(probe, PROBE_PORT, target.vip, () => undefined);
}

let next = now();
function round(): void {
  for (const target of targets) send(target);
  // Rounds that were missed because this process was late are not made up for: they would all measure one instant.
  next = Math.max(next + intervalMs, now());
  setTimeout(round, Math.max(0, next - now()));
}
round();

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const command = JSON.parse(line) as Command;
    if (command.kind === 'vips') {
      for (const vip of command.vips) {
        if (targets.some((target) => target.vip === vip)) continue;
        const answered: AnsweredProbe[] = [];
        const last = { sequence: -1, sentAt: now() };
        targets.push({ vip, socket: openSocket(vip, answered), firstSentAt: now(), last, answered });
      }
      process.stdout.write('{"kind":"ready"}\n');
      return;
    }
    const report = Object.fromEntries(
      targets.map(({ vip, answered, firstSentAt, last }) => {
        const since = Math.max(command.since, firstSentAt);
        return [vip, { ...outagesOf(answered, since, last, intervalMs), lastHost: answered.at(-1)?.host }];
      }),
    );
    process.stdout.write(`${JSON.stringify({ kind: 'report', id: command.id, report })}\n`);
  })
  .on('close', () => process.exit(0));
