import { type VipAddress, vipAddress } from '../../../core/ids.ts';
import { formatIp, ipFromBytes, ipToBytes, parseIp } from '../../../core/ip.ts';
import { OpError } from '../../../core/op-error.ts';
import type { FenceClass } from '../../../ports/fence.ts';
import { interfaceIndex } from '../sys.ts';
import {
  attachInterface,
  classChain,
  classOfChain,
  commentOf,
  type FenceRules,
  interfaceChains,
  isInterfaceChain,
  newClass,
  ruleCounts,
  SET,
  TABLE,
  tableContent,
  wordIn,
} from './fence-table.ts';
import type { FenceTimes } from './ladder.ts';
import {
  addElements,
  deleteChain,
  deleteElements,
  deleteTable,
  newTable,
  TABLE_OWNER,
  TABLE_PERSIST,
} from './nft-message.ts';
import { type NftSession, RefusedChange } from './nft-session.ts';

export interface FenceShape {
  readonly times: FenceTimes;
  /** Of the loopback datagrams. */
  readonly port: number;
  /** Names of the service interfaces. */
  readonly interfaces: readonly string[];
  /** Whether nobody else shall be able to change the table while we run, where the kernel knows that. */
  readonly exclusive: boolean;
}

type ManagedSet = typeof SET.managed4 | typeof SET.managed6;

/** Keeps the table in the kernel as it shall be: its rules, its interfaces, its addresses. Throws RefusedChange, SysError. */
export class FenceKeeper {
  readonly #nft: NftSession;
  readonly #shape: FenceShape;
  readonly #managed = new Map<VipAddress, FenceClass>();
  readonly #classes = new Set<FenceClass>();
  /** Of the interfaces when they were attached. */
  readonly #indices = new Map<string, number | undefined>();
  #flags: number;
  /** From Linux 6.16 on a chain can wait for its interface. */
  #attachesAbsent = true;
  #generation: number | undefined;
  #word: Uint8Array;

  /** @param word of a table that has to be made */
  constructor(nft: NftSession, shape: FenceShape, word: Uint8Array) {
    this.#nft = nft;
    this.#shape = shape;
    this.#word = word;
    this.#flags = shape.exclusive ? TABLE_OWNER | TABLE_PERSIST : 0;
  }

  /** What datagrams to the table must have in them, from `install` on. */
  get word(): Uint8Array {
    return this.#word;
  }

  /** Atomic: addresses that were fenced before stay so. Elements of classes stay where the rules are the same. */
  install(): 'installed' | 'taken-over' | 'replaced' {
    const found = this.#nft.comment();
    if (found !== undefined) this.#adopt();
    const word = wordIn(found ?? '', this.#shape);
    if (word && this.#isIntact(this.#nft.ruleCounts())) {
      this.#word = word;
      this.#takeOver();
      return 'taken-over';
    }
    this.#create(found !== undefined);
    return found === undefined ? 'installed' : 'replaced';
  }

  /** Learns what an earlier process fenced. */
  #adopt(): void {
    for (const set of [SET.managed4, SET.managed6]) {
      for (const { key, chain } of this.#nft.elements(set)) {
        const fenceClass = classOfChain(chain ?? '');
        if (fenceClass === undefined) continue;
        this.#managed.set(vipAddress(formatIp(ipFromBytes(key))), fenceClass);
      }
    }
    for (const chain of this.#nft.chains()) {
      const fenceClass = classOfChain(chain);
      if (fenceClass !== undefined) this.#classes.add(fenceClass);
    }
  }

  #takeOver(): void {
    // The kernel takes no new base chain in the change that gives a table its owner.
    this.#commit(() => [this.#newTable()]);
    const existing = this.#nft.chains().filter(isInterfaceChain);
    this.#commit((names) => [...existing.map((chain) => deleteChain(TABLE, chain)), ...names.flatMap(attachInterface)]);
  }

  #create(exists: boolean): void {
    const elements = this.#bySet([...this.#managed]);
    this.#commit((names) => [
      ...(exists ? [deleteTable(TABLE)] : []),
      this.#newTable(),
      ...tableContent(this.#rules),
      ...[...this.#classes].flatMap(newClass),
      ...names.flatMap(attachInterface),
      ...elements.flatMap(([set, some]) => addElements(TABLE, set, some)),
    ]);
  }

  /** Exactly these addresses are fenced from now on. Changes only what differs. */
  manage(vips: ReadonlyMap<VipAddress, FenceClass>): void {
    const gone = [...this.#managed].filter(([vip, fenceClass]) => vips.get(vip) !== fenceClass);
    const come = [...vips].filter(([vip, fenceClass]) => this.#managed.get(vip) !== fenceClass);
    const classes = new Set([...vips.values()].filter((fenceClass) => !this.#classes.has(fenceClass)));
    this.#nft.commit([
      ...[...classes].flatMap(newClass),
      ...this.#bySet(gone).flatMap(([set, some]) => deleteElements(TABLE, set, some)),
      ...this.#bySet(come).flatMap(([set, some]) => addElements(TABLE, set, some)),
    ]);
    for (const fenceClass of classes) this.#classes.add(fenceClass);
    for (const [vip] of gone) this.#managed.delete(vip);
    for (const [vip, fenceClass] of come) this.#managed.set(vip, fenceClass);
  }

  #bySet(vips: readonly (readonly [VipAddress, FenceClass])[]): [ManagedSet, { key: Uint8Array; chain: string }[]][] {
    const elements = vips.map(([vip, fenceClass]) => {
      const ip = parseIp(vip);
      if (!ip) throw new OpError('InvalidInput', `not an address: ${vip}`);
      return { family: ip.family, key: ipToBytes(ip), chain: classChain(fenceClass) };
    });
    return [
      [SET.managed4, elements.filter(({ family }) => family === 4)],
      [SET.managed6, elements.filter(({ family }) => family === 6)],
    ];
  }

  /**
   * Whether the table is still there and every service interface behind it, and makes it so. Costs one request that
   * takes no lock while nobody changed any table. `reinstalled`: all classes have ended.
   */
  check(): 'intact' | 'attached' | 'reinstalled' {
    const generation = this.#nft.generation();
    const moved = this.#shape.interfaces.filter((name) => interfaceIndex(name) !== this.#indices.get(name));
    if (generation === this.#generation && moved.length === 0) return 'intact';
    const counts = this.#nft.ruleCounts();
    if (!this.#isIntact(counts)) {
      this.#create(this.#nft.comment() !== undefined);
      return 'reinstalled';
    }
    const attached = (name: string): boolean => interfaceChains(name).every((chain) => counts.has(chain));
    const wanting = this.#attachable().filter((name) => moved.includes(name) || !attached(name));
    if (wanting.length > 0) {
      this.#commit((names) =>
        wanting
          .filter((name) => names.includes(name))
          .flatMap((name) => [
            ...interfaceChains(name).flatMap((chain) => (counts.has(chain) ? [deleteChain(TABLE, chain)] : [])),
            ...attachInterface(name),
          ]),
      );
      return 'attached';
    }
    this.#generation = generation;
    this.#noteInterfaces();
    return 'intact';
  }

  #isIntact(counts: ReadonlyMap<string, number>): boolean {
    return (
      [...ruleCounts(this.#rules)].every(([chain, rules]) => counts.get(chain) === rules) &&
      [...this.#classes].every((fenceClass) => counts.has(classChain(fenceClass)))
    );
  }

  get #rules(): FenceRules {
    return { ...this.#shape, word: this.#word };
  }

  #newTable(): Buffer {
    return newTable(TABLE, this.#flags, commentOf(this.#rules));
  }

  #attachable(): string[] {
    return this.#shape.interfaces.filter((name) => this.#attachesAbsent || interfaceIndex(name) !== undefined);
  }

  #noteInterfaces(): void {
    for (const name of this.#shape.interfaces) this.#indices.set(name, interfaceIndex(name));
  }

  /** A change that depends on what this kernel can do; asks for less where it refuses. */
  #commit(changeFor: (interfaces: readonly string[]) => readonly Buffer[]): void {
    for (;;) {
      this.#noteInterfaces();
      try {
        this.#nft.commit(changeFor(this.#attachable()));
        return;
      } catch (error) {
        if (!(error instanceof RefusedChange && this.#asksForLess(error))) throw error;
      }
    }
  }

  #asksForLess({ code }: RefusedChange): boolean {
    if (code === 'EOPNOTSUPP' && this.#flags !== 0) {
      // An owned table without the other flag would vanish with us: neither, then.
      this.#flags = 0;
      return true;
    }
    if (code === 'ENOENT' && this.#attachesAbsent) {
      this.#attachesAbsent = false;
      return true;
    }
    return false;
  }
}
