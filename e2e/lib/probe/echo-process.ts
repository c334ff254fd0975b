/**
 * Answers probes on every host from the address that was asked, with the name of the host behind the probe. One process
 * and two sockets per host, whatever the number of VIPs: IP_PKTINFO tells which address was asked, and the same bytes
 * make the kernel answer from it, or refuse where the host no longer has the address.
 */
import { monotonicMs, everyMs } from './clock.ts';
import { childOptions, serve } from './child.ts';
import { ANSWER_BYTES, ECHO_PORT, openUdp, PROBE_BYTES, readProbe } from './datagram.ts';
import { MessageBatch } from './message-batch.ts';
import { inNamespace } from './namespace.ts';
import { readablePoller } from './native.ts';
import { setOption } from '../../../src/adapters/linux/sys.ts';

export interface EchoOptions {
  /** Names of the hosts' network namespaces. */
  readonly hosts: readonly string[];
  /** How long a probe may wait, at most. */
  readonly pollMs: number;
}

const IPPROTO_IP = 0;
const IP_PKTINFO = 8;
const IPPROTO_IPV6 = 41;
const IPV6_RECVPKTINFO = 49;
const BATCH = 128;

const { hosts, pollMs } = childOptions() as EchoOptions;
const batch = new MessageBatch({ messages: BATCH, dataBytes: ANSWER_BYTES, controlBytes: 64 });
const names = new Map<number, Buffer>();
let answered = 0;
let latestPollMs = 0;

for (const host of hosts) {
  inNamespace(host, () => {
    const v4 = openUdp(4, ECHO_PORT);
    setOption(v4, IPPROTO_IP, IP_PKTINFO, 1);
    names.set(v4, Buffer.from(host));
    const v6 = openUdp(6, ECHO_PORT);
    setOption(v6, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    names.set(v6, Buffer.from(host));
  });
}

function answer(fd: number, name: Buffer): void {
  for (let received = BATCH; received === BATCH;) {
    received = batch.receive(fd);
    for (let index = 0; index < received; index++) {
      const data = batch.data(index);
      const known = readProbe(data, batch.length(index)) !== undefined;
      if (known) data.set(name.subarray(0, ANSWER_BYTES - PROBE_BYTES), PROBE_BYTES);
      batch.setLength(index, known ? PROBE_BYTES + name.length : 0);
    }
    answered += batch.send(fd, received);
  }
}

const readable = readablePoller([...names.keys()]);
let polledAtMs = monotonicMs();
everyMs(pollMs, () => {
  const now = monotonicMs();
  latestPollMs = Math.max(latestPollMs, now - polledAtMs);
  polledAtMs = now;
  for (const fd of readable()) {
    const name = names.get(fd);
    if (name) answer(fd, name);
  }
});
serve({ counts: () => ({ answered, latestPollMs }) });
