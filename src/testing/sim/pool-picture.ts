/** Who holds what at one instant, and the questions that every rule asks. Nothing here chooses: it only counts. */
import type { VipAddress } from '../../core/ids.ts';
import { areApart, type HostView, type PoolTruth } from './pool-truth.ts';

export interface PictureHost extends HostView {
  readonly index: number;
  readonly node: string;
  readonly zone: string;
  readonly preference: number;
}

export interface PoolPicture {
  readonly truth: PoolTruth;
  readonly hosts: readonly PictureHost[];
  /** Who answers for each VIP; nobody: not in it. */
  readonly where: ReadonlyMap<VipAddress, PictureHost>;
  /** On record: where each VIP lives now, and where it would if no task had moved it. */
  readonly homes: ReadonlyMap<VipAddress, PictureHost>;
  readonly ownHomes: ReadonlyMap<VipAddress, PictureHost>;
}

type Unit = readonly VipAddress[];

export const heldBy = ({ where }: PoolPicture, host: PictureHost): VipAddress[] =>
  [...where].flatMap(([vip, at]) => (at === host ? [vip] : []));

/** Whether limit and groups leave room for a unit on a host, as the others are now. */
export function hasRoom(picture: PoolPicture, unit: Unit, host: PictureHost): boolean {
  const { truth } = picture;
  const others = heldBy(picture, host).filter((vip) => !unit.includes(vip));
  if (others.length + unit.length > (truth.rules.maxPerNode ?? Number.POSITIVE_INFINITY)) return false;
  return !unit.some((vip) => others.some((other) => areApart(truth, vip, other)));
}

/** No host is well that might be, and checks are the reason: what the pool wants then is another matter. */
export function isCrisis({ hosts }: PoolPicture): boolean {
  const able = hosts.filter(({ state }) => state !== 'away' && state !== 'barred');
  return able.length > 0 && able.every(({ state }) => state === 'ill');
}

/** Hosts that must take a unit from wherever it is, should it have to go. */
export function takersOf(picture: PoolPicture, unit: Unit): PictureHost[] {
  const { keeps } = picture.truth;
  const isOpen = ({ state }: PictureHost): boolean =>
    state === 'well' || (keeps && isCrisis(picture) && state === 'ill');
  return picture.hosts.filter((host) => isOpen(host) && hasRoom(picture, unit, host));
}

/** Whether a rule speaks against this VIP on the host that holds it. */
export function isMisplaced(picture: PoolPicture, unit: Unit, host: PictureHost): boolean {
  return unit.some((vip) => picture.where.get(vip) !== host) || !hasRoom(picture, unit, host);
}
