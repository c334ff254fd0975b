/** Tries the probes on a small lab and prints what they saw, as JSON: see probe.e2e.test.ts. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HolderResults, monotonicMs, type ProbeResults, startAsker, startEcho, startProber } from './index.ts';
import { addVip, connect, createProbeLab, ip, removeVip } from './probe-lab.ts';

export interface Seen {
  readonly vip: string;
  readonly probes: ProbeResults;
  readonly holders: HolderResults;
}

export interface Scenario {
  readonly idle: readonly Seen[];
  readonly removed: readonly Seen[];
  readonly shared: readonly Seen[];
  /** Moved to the other host, and the client told. */
  readonly moved: readonly Seen[];
  /** The prober did not run for 150 ms, all being well. */
  readonly stopped: readonly Seen[];
  readonly poweredOff: readonly Seen[];
  /** The port of the second host was made anew; what holds the VIP there. */
  readonly newPort: readonly string[];
  /** Neighbours of the client. */
  readonly neighbours: string;
}

const HOSTS = ['h1', 'h2'];
const V4 = '192.0.2.50';
const V6 = '2001:db8::50';
const VIPS = [V4, V6];

createProbeLab(HOSTS);
for (const vip of VIPS) addVip('h1', vip);
const echo = await startEcho({ hosts: HOSTS });
const prober = await startProber({ namespace: 'client', vips: VIPS });
const asker = await startAsker({ hosts: HOSTS, vips: VIPS });
await sleep(300);

/** Does something for so long, and returns what was seen from before until after it. */
async function during(vip: string, ms: number, begin: () => void, end: () => void): Promise<Seen> {
  const since = prober.mark();
  await sleep(100);
  const begun = monotonicMs();
  begin();
  await sleep(ms - (monotonicMs() - begun));
  end();
  await sleep(200);
  return { vip, probes: await prober.results(since), holders: await asker.results(since) };
}
const nothing = (): void => undefined;
const tellClient = (vip: string): void => ip(`-n client neigh del ${vip} dev eth1`);
const toSecond = (vip: string): void => {
  removeVip('h1', vip);
  addVip('h2', vip);
  tellClient(vip);
};
const toFirst = (vip: string): void => {
  removeVip('h2', vip);
  addVip('h1', vip);
  tellClient(vip);
};

const idle = [await during(V4, 1_000, nothing, nothing)];
const removed: Seen[] = [];
const shared: Seen[] = [];
const moved: Seen[] = [];
for (const vip of [...VIPS, ...VIPS, ...VIPS]) {
  removed.push(
    await during(
      vip,
      200,
      () => removeVip('h1', vip),
      () => addVip('h1', vip),
    ),
  );
  shared.push(
    await during(
      vip,
      300,
      () => addVip('h2', vip),
      () => removeVip('h2', vip),
    ),
  );
  moved.push(
    await during(
      vip,
      100,
      () => toSecond(vip),
      () => toFirst(vip),
    ),
  );
}
const { pid } = await prober.usage();
const stopped = [
  await during(
    V4,
    150,
    () => process.kill(pid, 'SIGSTOP'),
    () => process.kill(pid, 'SIGCONT'),
  ),
];
const poweredOff = [
  await during(
    V4,
    300,
    () => ip('-n h1 link set eth1 down'),
    () => ip('-n h1 link set eth1 up'),
  ),
];
ip('link del s-h2');
connect('h2', 2);
addVip('h2', V4);
await sleep(600);
const newPort = (await asker.holdersNow())[V4] ?? [];
const neighbours = execFileSync('ip', ['-n', 'client', 'neigh', 'show'], { encoding: 'utf8' });
await Promise.all([echo.stop(), prober.stop(), asker.stop()]);
const scenario: Scenario = { idle, removed, shared, moved, stopped, poweredOff, newPort, neighbours };
process.stdout.write(JSON.stringify(scenario));
