/**
 * What masters gave to whom, and whether they may have been wrong: with more than half of the pool without a lease at
 * once a VIP of a pool that holds is given away although its old holder may go on (failure model: Hold).
 */
import type { Commitments } from '../../core/commitments.ts';
import type { NodeName, PoolName, VipAddress } from '../../core/ids.ts';
import { sameLease } from '../../core/lease-name.ts';
import type { MasterState } from '../../core/master.ts';
import type { NodeTable } from '../../core/node-table.ts';
import type { Term } from '../../core/term.ts';

export class Takeovers {
  readonly #hosts: readonly NodeName[];
  readonly #everHeld: (pool: PoolName) => boolean;
  /** Per VIP: whether its newest giving was of that kind. */
  readonly #named = new Map<VipAddress, boolean>();
  #term: Term | undefined;
  #before: Commitments = new Map();

  /** @param everHeld whether the pool ever had `onQuorumLoss: Hold` */
  constructor(hosts: readonly NodeName[], everHeld: (pool: PoolName) => boolean) {
    this.#hosts = hosts;
    this.#everHeld = everHeld;
  }

  /** @param nodes as judged: `gone` only where the lease is over */
  decided({ term, commitments }: MasterState, nodes: NodeTable): void {
    const before = this.#term === term ? this.#before : new Map();
    this.#term = term;
    this.#before = commitments;
    const lost = this.#hosts.filter((host) => nodes.get(host)?.gone !== 'no').length;
    for (const [node, { lease, vips }] of commitments) {
      const known = before.get(node);
      const held = new Set(nodes.get(node)?.applied?.held.map(({ vip }) => vip));
      for (const [vip, { pool }] of vips) {
        if (held.has(vip) || (known && sameLease(known.lease, lease) && known.vips.has(vip))) continue;
        this.#named.set(vip, lost * 2 > this.#hosts.length && this.#everHeld(pool));
      }
    }
  }

  isNamed(vip: VipAddress): boolean {
    return this.#named.get(vip) ?? false;
  }
}
