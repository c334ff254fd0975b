/**
 * Who has how many VIPs of one pool while a placement is worked out, and which node is the best one for another. Nodes
 * are numbers here: a placement of thousands of VIPs asks for the best node thousands of times.
 */
import { hashText, mixHashes } from '../hash.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import { Reason } from '../reasons.ts';
import type { Unit } from './units.ts';

/** A node as a placement sees it. */
export interface PlaceNode {
  readonly node: NodeName;
  /** Declared share, 0 to 100: homes are balanced by it. */
  readonly weight: number;
  /** What checks that only degrade leave of it, at least 1 where the weight is. */
  readonly effectiveWeight: number;
  /** Higher comes first, whatever the balance. */
  readonly preference: number;
  /** Undefined: zones do not matter in this pool. */
  readonly zone: string | undefined;
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
  readonly otherLoad: ReadonlyMap<NodeName, number>;
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
  readonly #index: ReadonlyMap<NodeName, number>;
  readonly #count: Int32Array;
  readonly #weight: Float64Array;
  readonly #preference: Int32Array;
  readonly #zone: Int32Array;
  readonly #zoneCount: Int32Array;
  readonly #other: Float64Array;
  readonly #hash: Uint32Array;
  readonly #max: number;
  /** Group that stays apart -> node -> members there. */
  readonly #apart = new Map<number, Map<number, number>>();

  constructor(nodes: readonly PlaceNode[], options: BoardOptions) {
    const size = nodes.length;
    this.nodes = nodes;
    this.#options = options;
    this.#max = options.maxPerNode ?? Number.POSITIVE_INFINITY;
    this.#count = new Int32Array(size);
    this.#weight = new Float64Array(size);
    this.#preference = new Int32Array(size);
    this.#zone = new Int32Array(size);
    this.#other = new Float64Array(size);
    this.#hash = new Uint32Array(size);
    const index = new Map<NodeName, number>();
    const zones = new Map<string, number>();
    for (const [i, node] of nodes.entries()) {
      index.set(node.node, i);
      this.#weight[i] = options.weightOf(node);
      this.#preference[i] = node.preference;
      this.#other[i] = options.otherLoad.get(node.node) ?? 0;
      this.#hash[i] = hashText(node.node);
      // Without zones every node counts for a zone that nothing is ever counted in.
      const zone = node.zone === undefined ? 0 : (zones.get(node.zone) ?? zones.size + 1);
      if (node.zone !== undefined) zones.set(node.zone, zone);
      this.#zone[i] = zone;
    }
    this.#index = index;
    this.#zoneCount = new Int32Array(zones.size + 1);
  }

  /** One VIP that nothing sets apart from others: what keeps it from a node keeps them all from it. */
  isPlain({ vips, apart }: Unit): boolean {
    return !this.#options.obstacle && apart.length === 0 && vips.length === 1;
  }

  /** -1: not of this pool. */
  indexOf(node: NodeName | undefined): number {
    return node === undefined ? -1 : (this.#index.get(node) ?? -1);
  }

  put(unit: Unit, at: number): void {
    this.#add(unit, at, unit.vips.length);
  }

  lift(unit: Unit, from: number): void {
    this.#add(unit, from, -unit.vips.length);
  }

  #add({ apart }: Unit, at: number, vips: number): void {
    this.#count[at] = (this.#count[at] ?? 0) + vips;
    const zone = this.#zone[at] ?? 0;
    if (zone > 0) this.#zoneCount[zone] = (this.#zoneCount[zone] ?? 0) + vips;
    for (const group of apart) {
      const nodes = this.#apart.get(group) ?? new Map<number, number>();
      this.#apart.set(group, nodes);
      nodes.set(at, (nodes.get(at) ?? 0) + Math.sign(vips));
    }
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
      preference: this.#preference[at] ?? 0,
      zone: this.#zoneCount[this.#zone[at] ?? 0] ?? 0,
      share: (2 * (this.#count[at] ?? 0) + vips.length) / (this.#weight[at] ?? 0),
    };
  }

  /** How bad it is for a unit of this size that is counted there, by the same measure. */
  rankOfLast(at: number, size: number): Rank {
    const zone = this.#zone[at] ?? 0;
    return {
      preference: this.#preference[at] ?? 0,
      zone: zone === 0 ? 0 : (this.#zoneCount[zone] ?? 0) - size,
      share: (2 * (this.#count[at] ?? 0) - size) / (this.#weight[at] ?? 0),
    };
  }

  /**
   * The best node that can be given a unit that is not counted anywhere; ties are broken by `favourite`, by the load of
   * other pools and by rendezvous hashing. -1: none.
   */
  best(unit: Unit, onlyStable = false, favourite = -1): number {
    const size = unit.vips.length;
    const free = !this.#options.obstacle && unit.apart.length === 0;
    let best = -1;
    let preference = 0;
    let zone = 0;
    let share = 0;
    let other = 0;
    let hash = -1;
    for (let i = 0; i < this.nodes.length; i++) {
      const itsPreference = this.#preference[i] ?? 0;
      const itsZone = this.#zoneCount[this.#zone[i] ?? 0] ?? 0;
      const itsShare = (2 * (this.#count[i] ?? 0) + size) / (this.#weight[i] ?? 0);
      const itsOther = i === favourite ? -1 : (this.#other[i] ?? 0);
      let isTie = false;
      if (best >= 0) {
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
      const itsHash = isTie || best < 0 ? mixHashes(this.#hash[i] ?? 0, unit.hash) : -1;
      if (isTie && itsHash <= hash) continue;
      const node = this.nodes[i];
      if (!node || node.unfit !== undefined || node.closed !== undefined || (onlyStable && !node.stable)) continue;
      if ((this.#count[i] ?? 0) + size > this.#max) continue;
      if (!free && this.whyNot(unit, i) !== undefined) continue;
      best = i;
      preference = itsPreference;
      zone = itsZone;
      share = itsShare;
      other = itsOther;
      hash = itsHash >= 0 ? itsHash : mixHashes(this.#hash[i] ?? 0, unit.hash);
    }
    return best;
  }

  /** No node that takes anything ranks better than this for any unit: spares the search where nothing can improve. */
  limits(onlyStable: boolean): Rank {
    let preference = Number.NEGATIVE_INFINITY;
    let zone = Number.POSITIVE_INFINITY;
    let share = Number.POSITIVE_INFINITY;
    for (const [i, node] of this.nodes.entries()) {
      if (node.unfit !== undefined || node.closed !== undefined || (onlyStable && !node.stable)) continue;
      if ((this.#count[i] ?? 0) >= this.#max) continue;
      const itsPreference = this.#preference[i] ?? 0;
      if (itsPreference < preference) continue;
      if (itsPreference > preference) {
        preference = itsPreference;
        zone = Number.POSITIVE_INFINITY;
        share = Number.POSITIVE_INFINITY;
      }
      zone = Math.min(zone, this.#zoneCount[this.#zone[i] ?? 0] ?? 0);
      share = Math.min(share, (2 * (this.#count[i] ?? 0) + 1) / (this.#weight[i] ?? 0));
    }
    return { preference, zone, share };
  }
}
