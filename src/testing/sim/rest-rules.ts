/**
 * What must hold of the holders of a pool when nothing has happened for long: failure model, Health, service network,
 * placement and tasks, docs/placement.md.
 */
import type { VipAddress } from '../../core/ids.ts';
import { hasRoom, heldBy, isCrisis, type PictureHost, type PoolPicture, takersOf } from './pool-picture.ts';
import { areApart, isByWeight, unitsOf } from './pool-truth.ts';
import type { Invariant } from './violation.ts';

export type Fault = readonly [invariant: Invariant, text: string];

type Unit = readonly VipAddress[];
type RestRule = (picture: PoolPicture) => Iterable<Fault>;

/** Nobody answers although somebody could, or somebody does who must not and need not. */
const isHeld: RestRule = function* (picture) {
  for (const unit of unitsOf(picture.truth)) {
    const holders = unit.map((vip) => picture.where.get(vip));
    const [taker] = takersOf(picture, unit);
    if (taker === undefined) continue;
    const unheld = unit.filter((vip) => !picture.where.has(vip));
    if (unheld.length > 0) yield ['S4', `nobody answers for ${unheld.join(', ')}, although ${taker.node} could`];
    if (isCrisis(picture)) continue;
    const bad = holders.find((host) => host !== undefined && (host.state === 'barred' || host.state === 'ill'));
    if (bad)
      yield ['S4', `${unit.join(', ')} stays on ${bad.node}, which is ${bad.state}, although ${taker.node} is well`];
    if (new Set(holders).size > 1)
      yield ['S6', `${unit.join(' and ')} are not together, although ${taker.node} has room`];
  }
};

const isReleased: RestRule = function* (picture) {
  const { truth, where } = picture;
  if (truth.keeps || !isCrisis(picture)) return;
  const [held] = [...where].find(([, host]) => host.state === 'ill') ?? [];
  if (held !== undefined) yield ['S6', `${held} is held although no host is healthy and the pool wants nobody then`];
};

/** Who goes is a matter of order; but where each of them could, one has to. */
const isWithinLimit: RestRule = function* (picture) {
  const { maxPerNode = Number.POSITIVE_INFINITY } = picture.truth.rules;
  for (const host of able(picture)) {
    const held = heldBy(picture, host);
    const units = unitsOf(picture.truth).filter((unit) => unit.some((vip) => held.includes(vip)));
    if (held.length > maxPerNode && units.every((unit) => hasOther(picture, unit, host))) {
      yield ['S6', `${host.node} holds ${held.length} of ${picture.truth.name}, and the limit is ${maxPerNode}`];
    }
  }
};

const isApart: RestRule = function* (picture) {
  for (const host of able(picture)) {
    const held = heldBy(picture, host);
    for (const [index, one] of held.entries()) {
      const rival = held.slice(index + 1).find((other) => areApart(picture.truth, one, other));
      if (rival === undefined) continue;
      if ([one, rival].every((vip) => hasOther(picture, [vip], host)))
        yield ['S6', `${one} and ${rival} are both on ${host.node}, and shall stay apart`];
    }
  }
};

/** What is called home and finds room there is there. */
const isAtHome: RestRule = function* (picture) {
  if (picture.truth.failback !== 'Automatic' || isCrisis(picture)) return;
  for (const unit of unitsOf(picture.truth)) {
    const [vip] = unit;
    const home = vip === undefined ? undefined : picture.homes.get(vip);
    const at = vip === undefined ? undefined : picture.where.get(vip);
    if (!home || !at || at === home || home.state !== 'well' || home.isDegraded) continue;
    if (unit.every((mate) => picture.where.get(mate) === at) && hasRoom(picture, unit, home))
      yield ['S6', `${unit.join(', ')} is on ${at.node}, although ${home.node} is its home and well for long`];
  }
};

/** A host that checks degrade, and one that has guests, carry no more than their share of what both have. */
const isBalanced: RestRule = function* (picture) {
  if (!isByWeight(picture.truth) || isCrisis(picture)) return;
  const well = picture.hosts.filter(({ state }) => state === 'well');
  for (const host of well) {
    const held = heldBy(picture, host);
    const hasGuests = picture.truth.failback === 'Automatic' && held.some((vip) => picture.homes.get(vip) !== host);
    if (!host.isDegraded && !hasGuests) continue;
    for (const other of well) {
      if (other === host || other.isDegraded) continue;
      const weight = host.isDegraded ? Math.max(1, Math.round(host.weight / 10)) : host.weight;
      const share = ((held.length + heldBy(picture, other).length) * weight) / (weight + other.weight);
      if (held.length > share + 0.5 + 1e-9)
        yield [
          'S6',
          `${host.node} has ${held.length} and ${other.node} ${heldBy(picture, other).length} of ${picture.truth.name}`,
        ];
    }
  }
};

export const REST_RULES: readonly RestRule[] = [isHeld, isReleased, isWithinLimit, isApart, isAtHome, isBalanced];

/** Hosts whose health is no reason for anything. */
const able = (picture: PoolPicture): readonly PictureHost[] =>
  isCrisis(picture) ? [] : picture.hosts.filter(({ state }) => state === 'well');

const hasOther = (picture: PoolPicture, unit: Unit, host: PictureHost): boolean =>
  takersOf(picture, unit).some((taker) => taker !== host);
