/** Schedules of services that fall ill, and of administrators that keep VIPs from hosts. */
import { type Action, MASTER } from './actions.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import type { PoolSetup, Setup } from './setup.ts';

const [FAILING, ENDED, HANGING] = [0, 1, 2];

/** The first pool loses its VIPs to a failed check, the second only some of them. */
export function checkedPools(random: SeededRandom): PoolSetup[] {
  const interval = random.pick(['200ms', '400ms']);
  const check = { name: 'service', type: 'tcp', port: 80, interval, timeout: '100ms' };
  const damping = { base: '2s', max: '4s', window: '10s' };
  const whenAllUnhealthy = random.chance(0.8) ? 'Keep' : 'Release';
  const pool = (number: number, checks: readonly object[]): PoolSetup => ({
    name: `pool-${number}`,
    vips: Array.from({ length: 6 }, (_, vip) => `192.0.2.${number * 20 + vip + 1}`),
    onQuorumLoss: 'Release',
    failback: 'Automatic',
    health: { checks, damping, whenAllUnhealthy },
  });
  return [pool(1, [check]), pool(2, [{ ...check, severity: 'Degrade', penalty: 90 }])];
}

export function drawHealth(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  const kinds = [illness, illness, flapping, everywhere, everywhere, hanging, drained, weighted, edited, degraded];
  for (let at = from; at < until;) at += random.pick(kinds)(episodes, at) + random.between(200, 3_000);
  return episodes.sorted();
}

type Draw = (episodes: Episodes, at: number) => number;

const spell = (episodes: Episodes, at: number, ms: number, host: number, ailment: number, pool = 0): void =>
  episodes.add('checkFails', at, ms, host, pool, ailment);

/** One host, and perhaps the loss of another meanwhile. */
const illness: Draw = (episodes, at) => {
  const { random } = episodes;
  const host = episodes.host();
  const ms = random.between(800, 5_000);
  spell(episodes, at, ms, host, random.pick([FAILING, ENDED, HANGING]));
  if (random.chance(0.3)) {
    const other = (host + 1) % episodes.setup.hosts;
    episodes.add('killAgent', at + random.between(0, ms), random.between(50, 3_000), other);
  }
  if (random.chance(0.3)) episodes.add('resign', at + random.between(0, ms), 0, MASTER);
  return ms;
};

const degraded: Draw = (episodes, at) => {
  const ms = episodes.random.between(3_000, 6_000);
  spell(episodes, at, ms, episodes.host(), FAILING, 1);
  return ms;
};

const flapping: Draw = (episodes, at) => {
  const { random } = episodes;
  const host = episodes.host();
  const times = random.between(2, 5);
  const [ill, well] = [random.between(300, 900), random.between(1_200, 1_800)];
  for (let time = 0; time < times; time++) spell(episodes, at + time * (ill + well), ill, host, ENDED);
  return times * (ill + well);
};

/** All hosts at once, and all well at once; or one after the other. */
const everywhere: Draw = (episodes, at) => {
  const { random } = episodes;
  const ms = random.between(2_000, 5_000);
  const together = random.chance(0.7);
  for (let host = 0; host < episodes.setup.hosts; host++) {
    const delay = together ? 0 : host * random.between(200, 2_000);
    spell(episodes, at + delay, ms, host, together ? ENDED : random.pick([FAILING, ENDED]));
  }
  if (random.chance(0.3)) episodes.add('power', at + 1_000, random.between(500, 4_000), episodes.host());
  return ms + 1_000;
};

/** A host of which nothing is heard, an agent there that begins anew, and another host that is lost. */
const hanging: Draw = (episodes, at) => {
  const { random } = episodes;
  const host = episodes.host();
  const ms = random.between(3_000, 6_000);
  spell(episodes, at, ms, host, HANGING);
  if (random.chance(0.7)) {
    const begins = at + random.between(100, 2_000);
    episodes.add('killAgent', begins, random.between(20, 60), host, 0, 1);
    const lost = (host + random.between(1, episodes.setup.hosts - 1)) % episodes.setup.hosts;
    spell(episodes, begins + random.between(1_300, 2_400), 2_000, lost, ENDED);
  }
  return ms;
};

const drained: Draw = (episodes, at) => {
  const { random } = episodes;
  const host = episodes.host();
  const ms = random.between(1_500, 9_000);
  episodes.add('drain', at, ms, host);
  if (random.chance(0.5)) spell(episodes, at + random.between(200, ms), 1_500, episodes.host(), FAILING);
  return ms;
};

const weighted: Draw = (episodes, at) => {
  const ms = episodes.random.between(1_500, 9_000);
  episodes.add('weight', at, ms, episodes.host(), episodes.random.between(0, 1));
  return ms;
};

const edited: Draw = (episodes, at) => {
  const { random } = episodes;
  episodes.add('checks', at, 0, random.between(0, 1));
  if (random.chance(0.5)) spell(episodes, at + random.between(-300, 300), 1_500, episodes.host(), FAILING);
  return 1_000;
};
