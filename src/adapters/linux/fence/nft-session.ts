import { NETLINK_NETFILTER, NetlinkSocket } from '../netlink-socket.ts';
import { SysError } from '../sys-error.ts';
import { classKey } from './datagram.ts';
import { type SET, TABLE } from './fence-table.ts';
import {
  decodeChain,
  decodeElements,
  decodeGeneration,
  decodeRule,
  decodeTable,
  dumpChains,
  dumpElements,
  dumpRules,
  type Element,
  framed,
  getElement,
  getGeneration,
  getTable,
} from './nft-message.ts';

const RECEIVE_BUFFER_BYTES = 1 << 20;

/** A change that the kernel refused. Nothing of it is in force. */
export class RefusedChange extends Error {
  /** "EPERM" of the first request that failed. */
  readonly code: string;
  /** Position of that request; undefined where the change failed as a whole. */
  readonly index: number | undefined;

  constructor(code: string, index: number | undefined) {
    super(`nf_tables: ${code}${index === undefined ? '' : ` (request ${index})`}`);
    this.name = 'RefusedChange';
    this.code = code;
    this.index = index;
  }
}

/** What the fence does with its table in nf_tables. While it is open, it owns the table where the kernel can do that. */
export class NftSession {
  readonly #socket: NetlinkSocket;

  constructor(socket: NetlinkSocket) {
    this.#socket = socket;
  }

  /** Throws SysError. */
  static open(): NftSession {
    return new NftSession(NetlinkSocket.open([], RECEIVE_BUFFER_BYTES, NETLINK_NETFILTER));
  }

  /** One atomic change. Throws RefusedChange or SysError. */
  commit(requests: readonly Buffer[]): void {
    if (requests.length === 0) return;
    const [first] = this.#socket.transaction(framed(requests));
    if (!first) return;
    // The frame itself is request 0.
    throw new RefusedChange(first.code, first.index === 0 ? undefined : first.index - 1);
  }

  /** Comment of our table; undefined where there is no table. */
  comment(): string | undefined {
    return unlessAbsent(() => this.#socket.ask(getTable(TABLE), decodeTable));
  }

  /** Names of the chains of our table. */
  chains(): string[] {
    return this.#socket.dump(dumpChains(), decodeChain).flatMap(({ table, chain }) => (table === TABLE ? [chain] : []));
  }

  /** How many rules each chain of our table has. */
  ruleCounts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { table, chain } of this.#socket.dump(dumpRules(TABLE), decodeRule)) {
      if (table === TABLE) counts.set(chain, (counts.get(chain) ?? 0) + 1);
    }
    return counts;
  }

  /** Elements of a set that have not ended; none where there is no such set. */
  elements(set: string): Element[] {
    return unlessAbsent(() => this.#socket.dump(dumpElements(TABLE, set), decodeElements).flat()) ?? [];
  }

  /** Whether the class has an element that has not ended. */
  isAlive(set: typeof SET.lease | typeof SET.guard, fenceClass: number): boolean {
    return unlessAbsent(() => this.#socket.ask(getElement(TABLE, set, classKey(fenceClass)), () => true)) ?? false;
  }

  /** Changes with every change to any table of this network namespace. Takes no lock. */
  generation(): number | undefined {
    return this.#socket.ask(getGeneration(), decodeGeneration);
  }

  close(): void {
    this.#socket.close();
  }
}

function unlessAbsent<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof SysError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
