import type { NodeName, VipAddress } from '../ids.ts';
import type { MovedHome, MovedHomes } from '../moved-homes.ts';

/** What tasks change about homes within one decision. */
export class HomeChanges {
  readonly #homes: Map<VipAddress, NodeName>;
  readonly #moved: Map<VipAddress, MovedHome>;
  #changed = false;

  constructor(homes: ReadonlyMap<VipAddress, NodeName>, moved: MovedHomes) {
    this.#homes = new Map(homes);
    this.#moved = new Map(moved);
  }

  get changed(): boolean {
    return this.#changed;
  }

  get homes(): ReadonlyMap<VipAddress, NodeName> {
    return this.#homes;
  }

  get moved(): MovedHomes {
    return this.#moved;
  }

  /** The home that it has now. */
  homeOf(vip: VipAddress): NodeName | undefined {
    return this.#moved.get(vip)?.home ?? this.#homes.get(vip);
  }

  /** The home that it has, or had before it was moved. */
  usualHomeOf(vip: VipAddress): NodeName | undefined {
    const own = this.#moved.get(vip);
    return own ? own.usual : this.#homes.get(vip);
  }

  move(vip: VipAddress, home: NodeName): void {
    if (this.homeOf(vip) === home) return;
    const usual = this.usualHomeOf(vip);
    if (usual === home) return this.release(vip);
    this.#moved.set(vip, { home, usual });
    this.#changed = true;
  }

  /** Gives it back the home that it had before it was moved. */
  release(vip: VipAddress): void {
    const own = this.#moved.get(vip);
    if (!own) return;
    this.#moved.delete(vip);
    if (own.usual === undefined) this.#homes.delete(vip);
    else this.#homes.set(vip, own.usual);
    this.#changed = true;
  }
}
