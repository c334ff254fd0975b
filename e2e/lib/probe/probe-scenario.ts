/** Tries the probes on a small lab and prints what they saw, as JSON: see probe.e2e.test.ts. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs, startAsker, startEcho, startProber } from './index.ts';
import { addVip, createProbeLab, removeVip } from './probe-lab.ts';

const HOSTS = ['h1', 'h2'];
const VIPS = ['192.0.2.50', '2001:db8::50'];

createProbeLab(HOSTS);
for (const vip of VIPS) addVip('h1', vip);
const echo = await startEcho({ hosts: HOSTS });
const prober = await startProber({ namespace: 'client', vips: VIPS });
const asker = await startAsker({ hosts: HOSTS, vips: VIPS });
await sleep(500);

/** Does something for so long, and returns what was seen from before until after it. */
async function during(ms: number, begin: () => void, end: () => void): Promise<object> {
  const since = prober.mark();
  await sleep(100);
  const begun = monotonicMs();
  begin();
  await sleep(ms - (monotonicMs() - begun));
  end();
  await sleep(200);
  return { probes: await prober.results(since), holders: await asker.results(since) };
}

const idle = await during(
  1_000,
  () => undefined,
  () => undefined,
);
const removed = [];
const shared = [];
for (let round = 0; round < 3; round++) {
  for (const vip of VIPS) {
    removed.push({
      vip,
      ...(await during(
        200,
        () => removeVip('h1', vip),
        () => addVip('h1', vip),
      )),
    });
    shared.push({
      vip,
      ...(await during(
        300,
        () => addVip('h2', vip),
        () => removeVip('h2', vip),
      )),
    });
  }
}
const neighbours = execFileSync('ip', ['-n', 'client', 'neigh', 'show'], { encoding: 'utf8' });
const usage = { echo: await echo.usage(), prober: await prober.usage(), asker: await asker.usage() };
await Promise.all([echo.stop(), prober.stop(), asker.stop()]);
process.stdout.write(JSON.stringify({ idle, removed, shared, neighbours, usage }));
