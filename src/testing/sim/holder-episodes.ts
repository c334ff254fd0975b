/** Schedules for checks that only holders run: once the VIPs have left nobody knows whether the service is well again. */
import { type Action, MASTER } from './actions.ts';
import { Episodes } from './episodes.ts';
import type { SeededRandom } from './random.ts';
import type { PoolSetup, Setup } from './setup.ts';

const FAILING = 0;

export function holderPools(random: SeededRandom): PoolSetup[] {
  const interval = random.pick(['200ms', '400ms']);
  const check = { name: 'service', type: 'tcp', port: 80, interval, timeout: '100ms', role: 'Holder' };
  const damping = { base: '2s', max: '4s', window: '10s' };
  const whenAllUnhealthy = random.chance(0.8) ? 'Keep' : 'Release';
  return [
    {
      name: 'pool-1',
      vips: Array.from({ length: random.between(1, 6) }, (_, vip) => `192.0.2.${vip + 1}`),
      onQuorumLoss: 'Release',
      failback: 'Automatic',
      health: { checks: [check], damping, whenAllUnhealthy },
    },
  ];
}

/** One host that stays ill although its VIPs have left, or all of them; and perhaps another master meanwhile. */
export function drawHolders(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  for (let at = from; at < until; at += random.between(500, 6_000)) {
    const ms = random.between(1_500, 9_000);
    const host = episodes.host();
    const hosts = random.chance(0.2) ? Array.from({ length: setup.hosts }, (_, index) => index) : [host];
    for (const ill of hosts) episodes.add('checkFails', at, ms, ill, 0, FAILING);
    if (random.chance(0.2)) episodes.add('resign', at + random.between(0, ms), 0, MASTER);
    at += ms;
  }
  return episodes.sorted();
}
