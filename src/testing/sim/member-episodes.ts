/**
 * Schedules in which the members of a pool change while a host goes on with what the members that it knows confirm: peers
 * that are no members any more confirm it, and members that are new to the pool bar it.
 */
import type { Action } from './actions.ts';
import { Episodes, FOR_EVER_MS } from './episodes.ts';
import { amnesia, type Cast, castOf, HOLD_PLAYS, lost, type Play } from './holds.ts';
import { union } from './links.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

export function drawHoldMembers(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  episodes.deafen(from);
  for (let at = from; at < until;) {
    const play = random.pick([narrowed, narrowed, widened, widened, meanwhile, meanwhile, regained]);
    at = play(episodes, castOf(episodes), at) + episodes.share(2, 3.5);
  }
  return episodes.sorted();
}

/** All pools, mostly: the host that is lost need not hold anything of one of them. */
function leaveOut(episodes: Episodes, hosts: number, at: number, until: number): void {
  const { random, setup } = episodes;
  const first = random.between(0, 1);
  const count = random.chance(0.7) ? setup.pools.length : 1;
  for (let pool = first; pool < first + count; pool++) episodes.add('members', at, until - at, pool, hosts);
}

/** Some of the hosts that take part, or of the others. */
function some(episodes: Episodes, { holder, peers }: Cast): number {
  const { random } = episodes;
  const all = union(episodes.hosts());
  const others = all & ~(holder | union(peers));
  return random.pick([
    holder,
    union(peers),
    holder | union(peers),
    random.pick(peers),
    others,
    random.between(1, all - 1),
  ]);
}

/** Peers that confirm the holder are members no more, or the holder is not; it does not hear of that, or just before. */
const narrowed: Play = (episodes, cast, at) => {
  const { random } = episodes;
  const end = at + episodes.share(1.8, 4);
  const change = at + episodes.share(-0.5, 1.2);
  const back = random.chance(0.3) ? change + FOR_EVER_MS : change + episodes.share(0.2, 4);
  lost(episodes, cast, at, end);
  leaveOut(episodes, some(episodes, cast), change, back);
  restart(episodes, cast, at, end);
  return end;
};

/** Hosts that do not confirm the holder become members while it does not hear of it. */
const widened: Play = (episodes, cast, at) => {
  const late = at + episodes.share(1, 2);
  const end = late + episodes.share(1.8, 4);
  const [first = 0, ...rest] = cast.peers;
  const others = union(episodes.hosts()) & ~(cast.holder | union(cast.peers));
  // So few are left that one of them is enough.
  const few = episodes.random.chance(0.6);
  leaveOut(episodes, few ? others | union(rest) : others, at, late + episodes.share(-0.2, 1));
  lost(episodes, few ? { ...cast, peers: [first] } : cast, late, end);
  restart(episodes, cast, late, end);
  return end;
};

/**
 * Whatever happens to pools that hold happens while their members change. But somebody remembers: where every controller
 * has forgotten a lease, the members of now are all that is known of it.
 */
const meanwhile: Play = (episodes, cast, at) => {
  const { random } = episodes;
  const end = random.pick(HOLD_PLAYS.filter((play) => play !== amnesia))(episodes, cast, at);
  for (let count = random.between(1, 3); count > 0; count--) {
    const change = at + episodes.share(-0.5, 3);
    leaveOut(episodes, some(episodes, cast), change, change + episodes.share(0.1, 4));
  }
  return end;
};

/**
 * Every controller has forgotten the holder, which has its lease again by those that hear it; the next master does not, and
 * is told by peers that they will confirm it no more.
 */
const regained: Play = (episodes, { holder }, at) => {
  const [master = 0, second = 0, third = 0] = episodes.likelyMasterFirst();
  const end = at + episodes.share(2.2, 4);
  let begins = at;
  for (const mask of [second, master, third]) {
    episodes.add('killController', begins, episodes.share(0.01, 0.3), episodes.numberOf(mask), 0, 1);
    begins += episodes.share(0.2, 0.5);
  }
  episodes.cut(at + episodes.share(0, 0.3), end, holder, master);
  episodes.cut(at + episodes.share(0, 0.3), at + episodes.share(1.1, 1.7), holder, second);
  return end;
};

/** Somebody begins anew meanwhile, with or without memory. */
function restart(episodes: Episodes, { peers }: Cast, at: number, end: number): void {
  const { random } = episodes;
  if (!random.chance(0.4)) return;
  const begin = random.between(at, end);
  const forgets = random.between(0, 1);
  const peer = Math.log2(random.pick(peers));
  if (random.chance(0.5)) episodes.add('killAgent', begin, random.between(2, 300), peer, 0, forgets);
  else episodes.add('killController', begin, episodes.share(0.1, 1.5), random.between(0, 2), 0, forgets);
}
