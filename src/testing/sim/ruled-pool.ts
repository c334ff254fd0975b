/** One pool with rules as time goes by: since when its hosts are as they are, and where its VIPs have been. */
import type { VipAddress } from '../../core/ids.ts';
import { revokeAfterMs } from '../../core/timing.ts';
import { isMisplaced, type PictureHost, type PoolPicture } from './pool-picture.ts';
import { type HostView, preferenceOf, sameView, truthOf, unitsOf, viewOf } from './pool-truth.ts';
import { labelsOf, ZONE } from './setup.ts';
import type { World } from './world.ts';

/** So long a host is as it is before others are expected to know. */
export const REACT_MS = 600;

interface Track {
  host: PictureHost;
  /** Since when its view is as it is. */
  since: number;
  /** Its state as the others may still see it. */
  stateSince: number;
  /** Since when it has a carrier and no check says anything against it. */
  soundSince: number;
  isSound: boolean;
  /** Of the last time that it was as it is not now. */
  lastSoundMs: number;
  degradedAt: number;
  /** When it was ill, pending or away last. */
  badAt: number;
  /** When it was lost last. */
  lostAt: number;
  /** Whether it was found to have the role that the pool follows, since when, and when it lost it, the last two times. */
  hasRole: boolean;
  roleLosses: readonly number[];
  roleSince: number;
}

const NO_ROLE: Pick<Track, 'hasRole' | 'roleLosses' | 'roleSince'> = { hasRole: false, roleLosses: [], roleSince: 0 };

export interface Departure {
  readonly from: PictureHost;
  readonly at: number;
  /** Nothing was wrong with the host or with the place of the VIP there. */
  readonly wasSteady: boolean;
  /** The VIP lived there. */
  readonly wasHome: boolean;
}

export interface Place {
  readonly host: PictureHost | undefined;
  readonly since: number;
  /** From where it went last. */
  readonly departure: Departure | undefined;
}

export interface Rest {
  readonly picture: PoolPicture;
  readonly edits: number;
}

export class RuledPool {
  readonly name: string;
  readonly #world: World;
  readonly #tracks: readonly Track[];
  readonly #places = new Map<VipAddress, Place>();
  picture: PoolPicture;
  /** As it was when nothing had happened for long, the last time. */
  lastRest: Rest | undefined;
  /** When a host was seen to change last. */
  changedAt = 0;
  editedAt = 0;
  #edits = 0;

  constructor(world: World, name: string) {
    this.#world = world;
    this.name = name;
    const { setup } = world;
    const truth = { name, vips: [], rules: {}, failback: 'Never', delayMs: 0, keeps: true } as const;
    const view: HostView = {
      state: 'away',
      health: 'pending',
      isDegraded: false,
      role: 'pending',
      weight: 0,
      changes: 0,
    };
    this.#tracks = world.kernels.map(({ index, node }) => ({
      host: { ...view, index, node, zone: labelsOf(setup, index)[ZONE] ?? '', preference: 0 },
      since: 0,
      stateSince: 0,
      soundSince: 0,
      isSound: false,
      lastSoundMs: 0,
      degradedAt: Number.NEGATIVE_INFINITY,
      badAt: 0,
      lostAt: Number.NEGATIVE_INFINITY,
      hasRole: false,
      roleLosses: [],
      roleSince: 0,
    }));
    this.picture = { truth, hosts: [], where: new Map(), homes: new Map(), ownHomes: new Map() };
  }

  look(): void {
    const { source, checks } = this.#world;
    const before = this.picture;
    const edits = source.editsOf(this.name);
    if (edits !== this.#edits) this.editedAt = this.#now;
    this.#edits = edits;
    const truth = truthOf(this.#world, this.name);
    for (const track of this.#tracks) this.#judge(truth, track);
    const hosts = this.#tracks.map(({ host }) => host);
    const where = new Map<VipAddress, PictureHost>();
    for (const vip of truth.vips) {
      const host = hosts[checks.holders(vip)[0]?.index ?? -1];
      if (host) where.set(vip, host);
    }
    const homes = new Map<VipAddress, PictureHost>();
    const ownHomes = new Map<VipAddress, PictureHost>();
    for (const { vip, home, usualHome } of source.bindingsOf(this.name)) {
      const [lives, belongs] = [home, usualHome ?? home].map((node) => hosts.find((host) => host.node === node));
      if (lives) homes.set(vip, lives);
      if (belongs) ownHomes.set(vip, belongs);
    }
    this.picture = { truth, hosts, where, homes, ownHomes };
    for (const vip of truth.vips) this.#follow(before, vip);
  }

  /** How often something was declared that counts here. */
  get edits(): number {
    return this.#edits;
  }

  /** Whether a task gave the VIP another home than it would have. */
  isMoved(vip: VipAddress): boolean {
    return this.picture.homes.get(vip)?.index !== this.picture.ownHomes.get(vip)?.index;
  }

  placeOf(vip: VipAddress): Place {
    return this.#places.get(vip) ?? { host: undefined, since: 0, departure: undefined };
  }

  /** For how long the host has been in its state. */
  stateMs({ index }: PictureHost): number {
    return this.#now - (this.#tracks[index]?.stateSince ?? this.#now);
  }

  /** For how long the host has had nothing that could keep VIPs from coming home. */
  soundMs({ index }: PictureHost): number {
    const track = this.#tracks[index];
    const agent = this.#world.agents[index];
    const leasedAt = agent?.state?.leaseSince;
    if (!track || !agent || leasedAt === undefined) return 0;
    const forMs = this.#now - track.soundSince;
    // Others may not know yet that it is over.
    const soundMs = track.isSound ? forMs : forMs < REACT_MS ? track.lastSoundMs : 0;
    return Math.min(soundMs, (agent.clock.now() - leasedAt) / agent.clock.rate);
  }

  /** For how long the host has been here and well, whatever rules say. */
  wellMs({ index }: PictureHost): number {
    return this.#now - (this.#tracks[index]?.badAt ?? this.#now);
  }

  /** Whether the host was lost and, at this time, its lease might not have ended yet: nobody could know. */
  wasLostUnnoticed({ index }: PictureHost, at: number): boolean {
    const lostAt = this.#tracks[index]?.lostAt ?? Number.NEGATIVE_INFINITY;
    return at >= lostAt && at - lostAt < revokeAfterMs(this.#world.setup.timing) + REACT_MS;
  }

  /** Whether it has lost the role twice within this time, and has had it again for less than that. */
  isRoleHeldOff({ index }: PictureHost, windowMs: number, holdOffMs: number): boolean {
    const { roleLosses, roleSince, hasRole } = this.#tracks[index] ?? NO_ROLE;
    const [last, before] = roleLosses.toReversed();
    if (last === undefined || before === undefined || !hasRole) return false;
    return this.#now - before < windowMs && this.#now - roleSince < holdOffMs;
  }

  /** Whether it has had the role for so long. */
  hasRoleFor({ index }: PictureHost, ms: number): boolean {
    const { roleSince, hasRole } = this.#tracks[index] ?? NO_ROLE;
    return hasRole && this.#now - roleSince > ms;
  }

  get #now(): number {
    return this.#world.timeline.now;
  }

  #judge(truth: PoolPicture['truth'], track: Track): void {
    const { agents, setup } = this.#world;
    const agent = agents[track.host.index];
    if (!agent) return;
    const view = viewOf(this.#world, truth, agent);
    const preference = preferenceOf(setup, truth.rules, track.host.index);
    const before = track.host;
    if (view.isDegraded || before.isDegraded) track.degradedAt = this.#now;
    if (view.state === 'away' || view.health !== 'well' || view.changes !== before.changes) track.badAt = this.#now;
    const isSound =
      agent.kernel.carrierLost === 0 && view.health === 'well' && !view.isDegraded && view.role === 'well';
    if (isSound !== track.isSound) {
      track.lastSoundMs = this.#now - track.soundSince;
      Object.assign(track, { isSound, soundSince: this.#now });
    }
    if (view.state === 'away' && before.state !== 'away') track.lostAt = this.#now;
    // An agent that begins anew neither loses the role nor wins it.
    if (view.role !== 'pending' && (view.role === 'well') !== track.hasRole) {
      if (track.hasRole) track.roleLosses = [...track.roleLosses.slice(-1), this.#now];
      Object.assign(track, { hasRole: !track.hasRole, roleSince: this.#now });
    }
    if (view.state !== before.state || view.changes !== before.changes) track.stateSince = this.#now;
    if (sameView(view, before) && preference === before.preference) return;
    track.since = this.#now;
    this.changedAt = this.#now;
    track.host = { ...before, ...view, preference };
  }

  #follow(before: PoolPicture, vip: VipAddress): void {
    const host = this.picture.where.get(vip);
    const known = this.placeOf(vip);
    if (known.host?.index === host?.index) {
      if (known.host !== host) this.#places.set(vip, { ...known, host });
      return;
    }
    const departure = known.host ? this.#departure(before, vip, known.host) : known.departure;
    this.#places.set(vip, { host, since: this.#now, departure });
  }

  /** As it was before: what left because of a rule was still there then. */
  #departure(before: PoolPicture, vip: VipAddress, from: PictureHost): Departure {
    const track = this.#tracks[from.index];
    const unit = unitsOf(before.truth).find((vips) => vips.includes(vip)) ?? [vip];
    const wasWell = track?.host.state === 'well' && this.stateMs(from) > REACT_MS;
    const wasWeak = track !== undefined && this.#now - track.degradedAt < this.#world.setup.failbackDelayMs + 5_000;
    const wasSteady = wasWell && !wasWeak && !isMisplaced(before, unit, from);
    return { from, at: this.#now, wasSteady, wasHome: before.homes.get(vip)?.index === from.index };
  }
}
