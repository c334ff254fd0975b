/**
 * Who has how many VIPs of one pool while a placement is worked out, and which node is the best one for another. Nodes
 * are numbers here: a placement of thousands of VIPs asks for the best node thousands of times.
 */
import { mixHashes } from '../hash.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import { Reason } from '../reasons.ts';
import type { Roster, RosterNode } from './roster.ts';
import type { Unit } from './units.ts';

/** A node as a placement sees it now. */
export interface PlaceNode extends RosterNode {
  /** What checks that only degrade leave of the weight, at least 1 where that is. */
  readonly effectiveWeight: number;
  /** Why it may hold nothing of the pool; undefined: it may. */
  readonly unfit: Reason | undefined;
  /** Why it is given nothing more, though it keeps what it has. */
  readonly closed: Reason | undefined;
  /** Healthy for the failback delay: VIPs that are well elsewhere may move to it. */
  readonly stable: boolean;
}

export interface BoardOptions {
  readonly maxPerNode: number | undefined;
  /** Why this node may not hold this VIP, beside what holds for all VIPs; undefined: there are no such reasons. */
  readonly obstacle: ((node: NodeName, vip: VipAddress) => Reason | undefined) | undefined;
  /** VIPs of other pools, per node: breaks ties. */
  readonly otherLoad: () => ReadonlyMap<NodeName, number>;
  readonly weightOf: (node: PlaceNode) => number;
}

/** The order of nodes for one more unit: more preferred, then the emptier zone, then the smaller share. */
export interface Rank {
  readonly preference: number;
  readonly zone: number;
  readonly share: number;
}

export const isBetter = (a: Rank, b: Rank): boolean =>
  a.preference !== b.preference ? a.preference > b.preference : a.zone !== b.zone ? a.zone < b.zone : a.share < b.share;

export class Board {
  readonly nodes: readonly PlaceNode[];
  readonly #options: BoardOptions;
  readonly #roster: Roster;
  readonly #count: Int32Array;
  readonly #weight: Float64Array;
  readonly #zoneCount: Int32Array;
  readonly #max: number;
  /** Filled when it is needed first. */
  #other: Float64Array | undefined;
  /** Group that stays apart -> node -> members there. */
  readonly #apart = new Map<number, Map<number, number>>();
  /** By zone: its nodes that rank first for one more plain unit, all alike; absent: not known, empty: it has none. */
  #fronts: (number[] | undefined)[] = [];

  /** @param nodes the nodes of the roster, in its order */
  constructor(roster: Roster, nodes: readonly PlaceNode[], options: BoardOptions) {
    this.nodes = nodes;
    this.#roster = roster;
    this.#options = options;
    this.#max = options.maxPerNode ?? Number.POSITIVE_INFINITY;
    this.#count = new Int32Array(nodes.length);
    this.#weight = new Float64Array(nodes.length);
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i];
      if (node) this.#weight[i] = options.weightOf(node);
    }
    this.#zoneCount = new Int32Array(roster.byZone.length);
  }

  /** One VIP that nothing sets apart from others: what keeps it from a node keeps them all from it. */
  isPlain({ vips, apart }: Unit): boolean {
    return !this.#options.obstacle && apart.length === 0 && vips.length === 1;
  }

  /** -1: not of this pool. */
  indexOf(node: NodeName | undefined): number {
    return node === undefined ? -1 : (this.#roster.index.get(node) ?? -1);
  }

  put(unit: Unit, at: number): void {
    this.#add(unit, at, unit.vips.length);
  }

  lift(unit: Unit, from: number): void {
    this.#add(unit, from, -unit.vips.length);
  }

  #add({ apart }: Unit, at: number, vips: number): void {
    this.#count[at] = (this.#count[at] ?? 0) + vips;
    const zone = this.#roster.zones[at] ?? 0;
    if (vips < 0) this.#fronts[zone] = undefined;
    else this.#leaveFront(zone, at);
    if (zone > 0) this.#zoneCount[zone] = (this.#zoneCount[zone] ?? 0) + vips;
    for (const group of apart) {
      const nodes = this.#apart.get(group) ?? new Map<number, number>();
      this.#apart.set(group, nodes);
      nodes.set(at, (nodes.get(at) ?? 0) + Math.sign(vips));
    }
  }

  /** It ranks behind the others of its zone as soon as it has one more; without others who is next is not known. */
  #leaveFront(zone: number, at: number): void {
    const front = this.#fronts[zone];
    const index = front?.indexOf(at) ?? -1;
    if (!front || index < 0) return;
    const last = front.length - 1;
    front[index] = front[last] ?? at;
    front.length = last;
    if (last === 0) this.#fronts[zone] = undefined;
  }

  /** Why the node cannot keep a unit that is not counted there; undefined: it can. */
  whyNotKeep(unit: Unit, at: number): Reason | undefined {
    return this.whyNotAlone(unit, at) ?? this.#crowded(unit, at);
  }

  /** Why the node cannot be given a unit that is not counted there; undefined: it can. */
  whyNot(unit: Unit, at: number): Reason | undefined {
    return this.whyNotAlone(unit, at) ?? this.#crowded(unit, at) ?? this.nodes[at]?.closed;
  }

  /** The same if it held nothing else. */
  whyNotAlone({ vips }: Pick<Unit, 'vips'>, at: number): Reason | undefined {
    const node = this.nodes[at];
    if (!node) return Reason.NodeNotSelected;
    const { obstacle } = this.#options;
    if (node.unfit !== undefined || !obstacle) return node.unfit;
    for (const vip of vips) {
      const reason = obstacle(node.node, vip);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #crowded({ vips, apart }: Unit, at: number): Reason | undefined {
    for (const group of apart) if ((this.#apart.get(group)?.get(at) ?? 0) > 0) return Reason.GroupApart;
    return (this.#count[at] ?? 0) + vips.length > this.#max ? Reason.OverLimit : undefined;
  }

  /** How good the node would be for a unit that is not counted there. */
  rank({ vips }: Unit, at: number): Rank {
    return {
      preference: this.#roster.preferences[at] ?? 0,
      zone: this.#zoneCount[this.#roster.zones[at] ?? 0] ?? 0,
      share: (2 * (this.#count[at] ?? 0) + vips.length) / (this.#weight[at] ?? 0),
    };
  }

  /** How bad it is for a unit of this size that is counted there, by the same measure. */
  rankOfLast(at: number, size: number): Rank {
    const zone = this.#roster.zones[at] ?? 0;
    return {
      preference: this.#roster.preferences[at] ?? 0,
      zone: zone === 0 ? 0 : (this.#zoneCount[zone] ?? 0) - size,
      share: (2 * (this.#count[at] ?? 0) - size) / (this.#weight[at] ?? 0),
    };
  }

  /**
   * The best node that can be given a unit that is not counted anywhere; ties are broken by `favourite`, by the load of
   * other pools and by rendezvous hashing. -1: none.
   */
  best(unit: Unit, onlyStable = false, favourite = -1): number {
    const usesFronts = !onlyStable && favourite < 0 && this.isPlain(unit);
    if (!usesFronts) return this.#highest([this.#search(unit, onlyStable, favourite)], unit);
    let best: (readonly number[])[] = [];
    for (let zone = 0; zone < this.#zoneCount.length; zone++) {
      const front = (this.#fronts[zone] ??= this.#search(unit, false, -1, this.#roster.byZone[zone]));
      const order = this.#compare(front[0], best[0]?.[0]);
      if (order < 0) best = [front];
      else if (order === 0) best.push(front);
    }
    return this.#highest(best, unit);
  }

  /** Below 0: `a` is better for one more plain unit, above 0: `b` is. No node is the worst of all. */
  #compare(a: number | undefined, b: number | undefined): number {
    if (a === undefined) return 1;
    if (b === undefined) return -1;
    const { preferences, zones } = this.#roster;
    const others = this.#otherLoads();
    const share = (at: number): number => (2 * (this.#count[at] ?? 0) + 1) / (this.#weight[at] ?? 0);
    return (
      (preferences[b] ?? 0) - (preferences[a] ?? 0) ||
      (this.#zoneCount[zones[a] ?? 0] ?? 0) - (this.#zoneCount[zones[b] ?? 0] ?? 0) ||
      share(a) - share(b) ||
      (others[a] ?? 0) - (others[b] ?? 0)
    );
  }

  /** All nodes that are equally good, and better than any other. @param among default: all nodes */
  #search(unit: Unit, onlyStable: boolean, favourite: number, among?: readonly number[]): number[] {
    const { preferences, zones } = this.#roster;
    const size = unit.vips.length;
    const others = this.#otherLoads();
    const isPlain = this.isPlain(unit);
    let front: number[] = [];
    let preference = 0;
    let zone = 0;
    let share = 0;
    let other = 0;
    const { length } = among ?? this.nodes;
    for (let k = 0; k < length; k++) {
      const i = among ? (among[k] ?? 0) : k;
      const itsPreference = preferences[i] ?? 0;
      const itsZone = this.#zoneCount[zones[i] ?? 0] ?? 0;
      const itsShare = (2 * (this.#count[i] ?? 0) + size) / (this.#weight[i] ?? 0);
      const itsOther = i === favourite ? -1 : (others[i] ?? 0);
      let isTie = false;
      if (front.length > 0) {
        if (itsPreference !== preference) {
          if (itsPreference < preference) continue;
        } else if (itsZone !== zone) {
          if (itsZone > zone) continue;
        } else if (itsShare !== share) {
          if (itsShare > share) continue;
        } else if (itsOther === other) {
          isTie = true;
        } else if (itsOther > other) {
          continue;
        }
      }
      const node = this.nodes[i];
      if (!node || node.unfit !== undefined || node.closed !== undefined || (onlyStable && !node.stable)) continue;
      if ((this.#count[i] ?? 0) + size > this.#max) continue;
      if (!isPlain && this.whyNot(unit, i) !== undefined) continue;
      if (isTie) {
        front.push(i);
        continue;
      }
      front = [i];
      preference = itsPreference;
      zone = itsZone;
      share = itsShare;
      other = itsOther;
    }
    return front;
  }

  #highest(fronts: readonly (readonly number[])[], { hash }: Unit): number {
    const { hashes } = this.#roster;
    let best = fronts[0]?.[0] ?? -1;
    let highest = best < 0 ? 0 : mixHashes(hashes[best] ?? 0, hash);
    // Thousands of nodes may be alike, for each of thousands of VIPs.
    for (const front of fronts) {
      for (let j = 0; j < front.length; j++) {
        const i = front[j] ?? 0;
        const its = mixHashes(hashes[i] ?? 0, hash);
        if (its <= highest) continue;
        best = i;
        highest = its;
      }
    }
    return best;
  }

  #otherLoads(): Float64Array {
    if (this.#other) return this.#other;
    const otherLoad = this.#options.otherLoad();
    const loads = new Float64Array(this.nodes.length);
    if (otherLoad.size > 0) for (const [i, { node }] of this.nodes.entries()) loads[i] = otherLoad.get(node) ?? 0;
    this.#other = loads;
    return loads;
  }

  /** No node that takes anything ranks better than this for any unit: spares the search where nothing can improve. */
  limits(onlyStable: boolean): Rank {
    let preference = Number.NEGATIVE_INFINITY;
    let zone = Number.POSITIVE_INFINITY;
    let share = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.nodes.length; i++) {
      const node = this.nodes[i];
      if (!node || node.unfit !== undefined || node.closed !== undefined || (onlyStable && !node.stable)) continue;
      if ((this.#count[i] ?? 0) >= this.#max) continue;
      const itsPreference = this.#roster.preferences[i] ?? 0;
      if (itsPreference < preference) continue;
      if (itsPreference > preference) {
        preference = itsPreference;
        zone = Number.POSITIVE_INFINITY;
        share = Number.POSITIVE_INFINITY;
      }
      zone = Math.min(zone, this.#zoneCount[this.#roster.zones[i] ?? 0] ?? 0);
      share = Math.min(share, (2 * (this.#count[i] ?? 0) + 1) / (this.#weight[i] ?? 0));
    }
    return { preference, zone, share };
  }
}
