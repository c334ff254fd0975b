/** What must hold of the homes of a pool when nothing has happened for long, as they are on record. */
import type { VipAddress } from '../../core/ids.ts';
import type { PictureHost, PoolPicture } from './pool-picture.ts';
import { areApart, isByWeight, unitsOf } from './pool-truth.ts';
import type { Fault } from './rest-rules.ts';

type Homes = ReadonlyMap<VipAddress, PictureHost>;

const hasMoved = ({ homes, ownHomes }: Pick<PoolPicture, 'homes' | 'ownHomes'>): boolean =>
  [...homes].some(([vip, home]) => ownHomes.get(vip)?.index !== home.index);

const livesOn = (homes: Homes, host: PictureHost): VipAddress[] =>
  [...homes].flatMap(([vip, home]) => (home.index === host.index ? [vip] : []));

/** What rules say of homes, whoever is up. */
export function* homeFaults({ truth, hosts, where, homes, ownHomes }: PoolPicture): Iterable<Fault> {
  const { rules, name, vips } = truth;
  for (const [vip, node] of Object.entries(rules.homes ?? {})) {
    const home = ownHomes.get(vip as VipAddress);
    if (home?.node !== node) yield ['S6', `the home of ${vip} is ${home?.node ?? 'nowhere'}, and ${node} is declared`];
  }
  // What a moved VIP had before stays on record as it was then, whatever is declared since.
  if (hasMoved({ homes, ownHomes })) return;
  if (truth.failback === 'Never' && rules.homes === undefined && (rules.follow?.kind ?? 'Any') === 'Any') {
    // What is on a node beyond its limit, or beside one that it stays apart from, since nobody else may have it,
    // cannot live there.
    const mayLiveOn = (vip: VipAddress, host: PictureHost): boolean => {
      const there = livesOn(where, host);
      return there.length <= (rules.maxPerNode ?? vips.length) && !there.some((mate) => areApart(truth, vip, mate));
    };
    for (const [vip, host] of where)
      if (host.state === 'well' && mayLiveOn(vip, host) && (ownHomes.get(vip) ?? host) !== host)
        yield ['S6', `${vip} is on ${host.node} and lives on ${ownHomes.get(vip)?.node}, although it never goes back`];
  }
  // Who follows a role has no home, and who stays where it is has one that nobody chose.
  if ((rules.follow?.kind ?? 'Any') !== 'Any' || truth.failback === 'Never') return;
  const usable = hosts.filter(({ weight }) => weight > 0);
  for (const host of hosts) {
    const lodgers = livesOn(ownHomes, host);
    if (rules.homes === undefined && lodgers.length > 0 && host.weight === 0)
      yield ['S6', `${host.node} has weight 0, and ${lodgers.join(', ')} live there`];
    if (lodgers.length > (rules.maxPerNode ?? Number.POSITIVE_INFINITY))
      yield ['S6', `${lodgers.length} of ${name} live on ${host.node}, and the limit is ${rules.maxPerNode}`];
    const [one, other] = lodgers.flatMap((vip) =>
      lodgers.flatMap((mate) => (areApart(truth, vip, mate) ? [vip, mate] : [])),
    );
    if (one !== undefined) yield ['S6', `${one} and ${other} live on ${host.node}, and shall stay apart`];
  }
  for (const unit of unitsOf(truth)) {
    if (new Set(unit.map((vip) => ownHomes.get(vip))).size > 1) yield ['S6', `${unit.join(' and ')} live apart`];
  }
  if (rules.preferredNodes !== undefined) {
    const best = Math.max(...usable.map(({ preference }) => preference));
    const [vip, home] = [...ownHomes].find(([, { preference }]) => preference < best) ?? [];
    if (vip !== undefined) yield ['S6', `${vip} lives on ${home?.node}, and others are preferred`];
  }
  if (rules.zoneKey !== undefined) {
    const zones = [...new Set(usable.map(({ zone }) => zone))];
    const counts = zones.map((zone) => [...ownHomes.values()].filter((home) => home.zone === zone).length);
    if (Math.max(...counts) - Math.min(...counts) > 1) yield ['S6', `${name} lives in zones as ${counts.join(' ')}`];
  }
  if (!isByWeight(truth) || ownHomes.size < vips.length) return;
  for (const one of usable) {
    for (const other of usable) {
      const [its, others] = [livesOn(ownHomes, one).length, livesOn(ownHomes, other).length];
      const share = ((its + others) * one.weight) / (one.weight + other.weight);
      if (its > share + 0.5 + 1e-9)
        yield [
          'S6',
          `${its} of ${name} live on ${one.node} (${one.weight}), ${others} on ${other.node} (${other.weight})`,
        ];
    }
  }
}

/**
 * Between two instants at rest. Homes stay as they are while nothing is edited; an edit of weights, or one host's, moves
 * no more of them than the shares demand: each host that has fewer gave away exactly the difference.
 *
 * @param edits of anything that is declared, between the two
 * @param wasEdited at any time: what a moved VIP had before is on record as it was then
 */
export function* homeChanges(
  before: PoolPicture,
  after: PoolPicture,
  edits: number,
  wasEdited: boolean,
): Iterable<Fault> {
  const { truth } = after;
  if (truth.failback === 'Never' || before.truth.failback === 'Never' || edits > 1) return;
  if (wasEdited && (hasMoved(before) || hasMoved(after))) return;
  const moved = truth.vips.filter((vip) => before.ownHomes.get(vip)?.index !== after.ownHomes.get(vip)?.index);
  if (edits === 0 && moved.length > 0)
    yield ['S5', `${moved.join(', ')} got another home, and nobody had asked for it`];
  if (edits === 0 || !isByWeight(truth) || !isByWeight(before.truth)) return;
  const count = ({ ownHomes }: PoolPicture, { index }: PictureHost): number =>
    [...ownHomes.values()].filter((home) => home.index === index).length;
  const needed = after.hosts.reduce((sum, host) => sum + Math.max(0, count(before, host) - count(after, host)), 0);
  if (moved.length > needed && before.ownHomes.size === after.ownHomes.size)
    yield ['S5', `${moved.length} of ${truth.name} got another home, and ${needed} would have sufficed`];
}
