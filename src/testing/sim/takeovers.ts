/**
 * What masters gave to whom, and whether they may have been wrong: with more than half of the pool without a lease at
 * once a VIP of a pool that holds is given away although its old holder may go on (failure model: Hold).
 */
import type { Commitments } from '../../core/commitments.ts';
import type { NodeName, PoolName, VipAddress } from '../../core/ids.ts';
import { sameLease } from '../../core/lease-name.ts';
import type { MasterState } from '../../core/master.ts';
import type { Assignment, HoldPool } from '../../core/messages.ts';
import type { NodeTable } from '../../core/node-table.ts';
import type { Term } from '../../core/term.ts';

interface Giving {
  readonly to: NodeName;
  readonly pool: PoolName;
  /** The pool had `onQuorumLoss: Hold` at some time. */
  readonly everHeld: boolean;
  /** Hosts without a lease then. */
  readonly lost: ReadonlySet<NodeName>;
  /** Whether the master, or a controller that it heard, knew which leases there were. */
  readonly isInformed: boolean;
}

export class Takeovers {
  readonly #hosts: readonly NodeName[];
  readonly #everHeld: (pool: PoolName) => boolean;
  /** Per VIP the newest one. */
  readonly #givings = new Map<VipAddress, Giving>();
  /** Who confirms what a host holds, as the host was told last. */
  readonly #holdPools = new Map<NodeName, readonly HoldPool[]>();
  #term: Term | undefined;
  #before: Commitments = new Map();

  /** @param everHeld whether the pool ever had `onQuorumLoss: Hold` */
  constructor(hosts: readonly NodeName[], everHeld: (pool: PoolName) => boolean) {
    this.#hosts = hosts;
    this.#everHeld = everHeld;
  }

  /**
   * @param nodes as judged: `gone` only where the lease is over
   * @param isInformed whether the master, or a controller that it hears, has not lost its memory
   */
  decided({ term, commitments }: MasterState, nodes: NodeTable, isInformed: boolean): void {
    const before = this.#term === term ? this.#before : new Map();
    this.#term = term;
    this.#before = commitments;
    const lost = new Set(this.#hosts.filter((host) => nodes.get(host)?.gone !== 'no'));
    for (const [node, { lease, vips }] of commitments) {
      const known = before.get(node);
      const held = new Set(nodes.get(node)?.applied?.held.map(({ vip }) => vip));
      for (const [vip, { pool }] of vips) {
        if (held.has(vip) || (known && sameLease(known.lease, lease) && known.vips.has(vip))) continue;
        this.#givings.set(vip, { to: node, pool, everHeld: this.#everHeld(pool), lost, isInformed });
      }
    }
  }

  taken(node: NodeName, { holdPools }: Assignment): void {
    this.#holdPools.set(node, holdPools);
  }

  /** Whether more than half of the pool was lost, as each of those that may go on with the VIP knows the pool. */
  isNamed(vip: VipAddress, holders: readonly NodeName[]): boolean {
    const giving = this.#givings.get(vip);
    if (giving?.everHeld !== true) return false;
    return holders.every((node) => node === giving.to || this.#isMostlyLost(node, giving));
  }

  /** Whether the VIP was given away by somebody who could not know who had a lease. */
  wasGivenBlindly(vip: VipAddress): boolean {
    return this.#givings.get(vip)?.isInformed === false;
  }

  #isMostlyLost(node: NodeName, { pool, lost }: Giving): boolean {
    const told = this.#holdPools.get(node)?.find(({ name }) => name === pool);
    const members = told?.members.map((member) => member.node) ?? this.#hosts;
    return members.filter((member) => lost.has(member)).length * 2 > members.length;
  }
}
