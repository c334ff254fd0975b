/**
 * Schedules in which a host without a lease is confirmed by peers that have none either, while the controllers still hear
 * these: no lease of theirs is over, and so nothing excuses a second holder. Meanwhile peers get their leases back, bar,
 * forget, are held up; pools are edited, and old assignments turn up again.
 */
import { type Action, MASTER } from './actions.ts';
import { Episodes } from './episodes.ts';
import { union } from './links.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';

/** Hosts as masks: one that holds, some that confirm it, the rest. */
export interface Cast {
  readonly holder: number;
  readonly peers: readonly number[];
  readonly controllers: number;
}

export type Play = (episodes: Episodes, cast: Cast, at: number) => number;

export function drawHolds(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  episodes.deafen(from);
  for (let at = from; at < until;) {
    at = random.pick(HOLD_PLAYS)(episodes, castOf(episodes), at) + episodes.share(2, 3.5);
  }
  return episodes.sorted();
}

export function castOf(episodes: Episodes): Cast {
  const [holder = 1, ...others] = episodes.hosts();
  const controllers = union(episodes.controllers());
  // With the holder just more than half of the pool, or one fewer.
  const enough = Math.floor(episodes.setup.hosts / 2);
  const count = episodes.random.chance(0.8) ? enough : enough - 1;
  return { holder, peers: others.slice(0, count), controllers };
}

/** Heard, but not answered: without a lease by its own view alone. */
function unanswered(episodes: Episodes, { controllers }: Cast, hosts: number, at: number, until: number): void {
  episodes.cut(at, until, controllers, hosts);
}

/** The holder loses its lease, and its peers their own ones in time to confirm it. */
export function lost(episodes: Episodes, cast: Cast, at: number, until: number, peers = cast.peers): void {
  episodes.apart(at, until, cast.holder, cast.controllers);
  for (const peer of peers) unanswered(episodes, cast, peer, at + episodes.share(-0.4, 0.35), until);
}

/** Nothing else. */
function confirmed(episodes: Episodes, cast: Cast, at: number): number {
  const end = at + episodes.share(1.5, 5);
  lost(episodes, cast, at, end);
  return end;
}

/** Some peers have their leases back, and bar, while the holder still counts on their word. */
function healing(episodes: Episodes, cast: Cast, at: number): number {
  const { random } = episodes;
  const end = at + episodes.share(2.5, 4);
  episodes.apart(at, end, cast.holder, cast.controllers);
  const healed = at + episodes.share(1.1, 1.9);
  for (const peer of cast.peers) {
    const until = random.chance(0.7) ? healed + random.between(0, 100) : end;
    unanswered(episodes, cast, peer, at + episodes.share(-0.4, 0.35), until);
  }
  return end;
}

/** The one that is most likely master misses the holder, others do not: it keeps its lease, and is barred. */
function missed(episodes: Episodes, { holder }: Cast, at: number, until: number): void {
  const [master = 0] = episodes.likelyMasterFirst();
  episodes.cut(at, until, holder, master);
}

/** Peers that have barred lose their leases: now they would confirm. */
function barredEarly(episodes: Episodes, cast: Cast, at: number): number {
  const late = at + episodes.share(0.9, 1.5);
  const end = late + episodes.share(1.5, 3);
  missed(episodes, cast, at, end);
  lost(episodes, cast, late, end);
  return end;
}

/** Peers that have barred, or confirmed, start anew without memory of it. */
function forgetful(episodes: Episodes, cast: Cast, at: number): number {
  const { random } = episodes;
  const end = at + episodes.share(1.8, 3.5);
  episodes.apart(at, end, cast.holder, cast.controllers);
  for (const peer of cast.peers) {
    const forgets = at + episodes.share(0.3, 0.95);
    episodes.add('killAgent', forgets, random.between(2, 40), Math.log2(peer), 0, 1);
  }
  return end;
}

/** Peers that had barred live another life, which is heard but has no lease. */
function reborn(episodes: Episodes, cast: Cast, at: number): number {
  const { random } = episodes;
  const born = at + episodes.share(0.8, 1.2);
  const late = born + episodes.share(0.9, 1.35);
  const end = late + episodes.share(1.6, 3);
  missed(episodes, cast, at, end);
  for (const peer of cast.peers) {
    episodes.add('killAgent', born + random.between(0, 40), random.between(2, 40), Math.log2(peer), 0, 1);
    unanswered(episodes, cast, peer, late + episodes.share(-0.1, 0.1), end);
  }
  episodes.apart(late, end, cast.holder, cast.controllers);
  return end;
}

/** A peer that was cut off as well comes back without memory, and is let in at once. */
function refugee(episodes: Episodes, cast: Cast, at: number): number {
  const { random } = episodes;
  const [peer = 1, ...rest] = cast.peers;
  const back = at + episodes.share(1.3, 2.2);
  const end = back + episodes.share(1, 2);
  episodes.apart(at, end, cast.holder, cast.controllers);
  episodes.apart(at, back, peer, cast.controllers);
  for (const other of rest) unanswered(episodes, cast, other, at + episodes.share(-0.2, 0.35), end);
  episodes.add('killAgent', back + random.between(-60, 20), random.between(2, 40), Math.log2(peer), 0, 1);
  return end;
}

/** The right to hold is new: the holder knows of it, and no controller that the holder does. */
function undeclared(episodes: Episodes, cast: Cast, at: number): number {
  const { random } = episodes;
  const pool = random.between(0, 7);
  episodes.add('policy', at, 0, pool, 1);
  const late = at + episodes.share(0.4, 0.8);
  const end = late + episodes.share(1.5, 3);
  episodes.cut(late, end, cast.holder, cast.controllers);
  for (const peer of cast.peers) unanswered(episodes, cast, peer, late + episodes.share(-0.4, 0.35), end);
  episodes.add('policy', late + episodes.share(-0.05, 0.5), 0, pool, 0);
  if (random.chance(0.3)) episodes.add('killController', late + episodes.share(0.1, 1), 20, MASTER, 0, 1);
  episodes.add('policy', end, 0, pool, 0);
  return end;
}

/** Something is on its way to the holder for so long that it comes after a gap in its lease, and was given to another one. */
function leftBehind(episodes: Episodes, cast: Cast, at: number): number {
  const { random } = episodes;
  const { holder, controllers } = cast;
  const silent = at + episodes.share(0.05, 0.35);
  const heard = silent + episodes.share(1.2, 1.4);
  const answered = heard + episodes.share(0.1, 0.5);
  episodes.cut(at, answered, controllers, holder);
  episodes.cut(silent, heard, holder, controllers);
  for (const peer of cast.peers) unanswered(episodes, cast, peer, at + episodes.share(-0.5, 0.2), answered);
  for (let turn = 0; turn < 3; turn++) sendTo(episodes, holder, at + random.between(5, 60));
  return answered;
}

/** Some VIP gets its home on this host. */
function sendTo(episodes: Episodes, host: number, at: number, vip = episodes.random.between(0, 40)): void {
  const { hosts } = episodes.setup;
  episodes.add('home', at, 0, hosts + ((Math.log2(host) - vip) % hosts), vip);
}

/** Something is sent to the holder, and reaches it in the gap; nothing happens after that. */
function refused(episodes: Episodes, cast: Cast, at: number): number {
  const answered = at + episodes.share(1.15, 1.7);
  unanswered(episodes, cast, cast.holder, at, answered);
  for (const peer of cast.peers) unanswered(episodes, cast, peer, at + episodes.share(-0.5, 0.1), answered);
  sendTo(episodes, cast.holder, at + episodes.random.between(5, 60));
  return at + episodes.share(30);
}

/** The holder has taken something that its master does not know of, and others are heard by it before it is. */
function unreported(episodes: Episodes, cast: Cast, at: number): number {
  const { random } = episodes;
  const [master = 0, ...rest] = episodes.likelyMasterFirst();
  const back = at + episodes.share(1.25, 1.6);
  const end = back + episodes.share(0.1, 0.5);
  episodes.cut(at, back, cast.holder, union(rest));
  episodes.cut(at, end, cast.holder, master);
  for (const peer of cast.peers) unanswered(episodes, cast, peer, at + episodes.share(-0.4, 0.2), end);
  const vip = random.between(0, 40);
  sendTo(episodes, cast.holder, at + random.between(0, 300), vip);
  const other = episodes.hosts().find((host) => host !== cast.holder && !cast.peers.includes(host));
  if (other !== undefined) sendTo(episodes, other, at + episodes.share(0.6, 1.1), vip);
  return end;
}

/** Most of the pool is lost at once, its VIPs are given away, and it is heard again. */
function spent(episodes: Episodes, cast: Cast, at: number): number {
  const back = at + episodes.share(2.2, 3);
  episodes.apart(at, back, cast.holder | union(cast.peers), cast.controllers);
  if (episodes.random.chance(0.4)) episodes.add('resign', back + episodes.share(-0.3, 0.6), 0, MASTER);
  return back + episodes.share(1);
}

/** One controller after the other begins anew while hosts hold; then most of them do not hear the holder. */
export function amnesia(episodes: Episodes, cast: Cast, at: number): number {
  const { random } = episodes;
  const share = episodes.share.bind(episodes);
  const end = at + share(3, 5);
  let begins = at;
  for (const mask of episodes.controllers()) {
    episodes.add('killController', begins, share(0.3, 1.9), episodes.numberOf(mask), 0, random.chance(0.8) ? 1 : 0);
    begins += share(0.1, 0.6);
  }
  const [, ...deaf] = episodes.controllers();
  for (const mask of deaf) episodes.apart(at + share(0, 0.6), end, cast.holder, mask);
  return end;
}

export const HOLD_PLAYS: readonly Play[] = [
  unreported,
  refused,
  confirmed,
  healing,
  forgetful,
  barredEarly,
  reborn,
  refugee,
  undeclared,
  leftBehind,
  spent,
  amnesia,
];
