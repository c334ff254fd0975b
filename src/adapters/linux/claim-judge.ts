import { vipAddress, type VipAddress } from '../../core/ids.ts';
import type { Monotonic } from '../../core/time.ts';
import type { MarkedAddress, NetworkEvent } from '../../ports/network.ts';
import { claimIn, questionIn } from './claim-frame.ts';
import type { HostState } from './host-state.ts';
import { formatMac } from './mac.ts';

/** An answer that comes later than this is one to nobody's question. */
const PROBE_MEMORY_MS = 1_000;
/** One claim of one VIP by one MAC is told at most once in so long. */
const QUIET_MS = 100;
/** So many MACs of one VIP are told in that time: a flood of invented ones is a flood. */
const MACS_PER_QUIET_TIME = 4;

interface Told {
  readonly since: number;
  readonly macs: string[];
}

/**
 * Decides which frames are news: claims by somebody else to a VIP that is bound here or was probed a moment ago, and
 * questions of somebody else for one that is bound here.
 */
export class ClaimJudge {
  /** "interface VIP" -> until when answers count. */
  readonly #probed = new Map<string, number>();
  readonly #told = new Map<string, Told>();

  /** Answers for these VIPs count from now on; each is told anew. */
  probed(addresses: readonly MarkedAddress[], now: Monotonic): void {
    for (const [key, until] of this.#probed) if (until < now) this.#probed.delete(key);
    for (const { interface: name, vip } of addresses) {
      const key = keyOf(name, vip);
      // Behind the others, so that the oldest stay in front.
      this.#probed.delete(key);
      this.#probed.set(key, now + PROBE_MEMORY_MS);
      this.#told.delete(key);
    }
  }

  /** @param name the interface it came in on. */
  judge(state: HostState, name: string, frame: Buffer, now: () => Monotonic): NetworkEvent | undefined {
    const claim = claimIn(frame);
    if (!claim) return this.#question(state, name, frame, now());
    const key = keyOf(name, claim.ip);
    const until = this.#probed.get(key);
    const asked = until !== undefined && until >= now();
    if (!asked && !state.isMarked(name, claim.ip)) return undefined;
    if (state.hasMac(claim.mac) || state.hasMac(claim.sender)) return undefined;
    const mac = formatMac(claim.mac);
    if (!this.#isNews(key, mac, now())) return undefined;
    return { kind: 'claimed', vip: vipAddress(claim.ip), interface: name, mac };
  }

  #question(state: HostState, name: string, frame: Buffer, now: Monotonic): NetworkEvent | undefined {
    const question = questionIn(frame);
    if (!question || !state.isMarked(name, question.ip) || state.hasMac(question.sender)) return undefined;
    const mac = formatMac(question.sender);
    if (!this.#isNews(`asked ${keyOf(name, question.ip)}`, mac, now)) return undefined;
    return { kind: 'asked', vip: vipAddress(question.ip), interface: name, mac };
  }

  #isNews(key: string, mac: string, now: Monotonic): boolean {
    const told = this.#told.get(key);
    if (!told || now - told.since >= QUIET_MS) {
      this.#forget(now);
      this.#told.delete(key);
      this.#told.set(key, { since: now, macs: [mac] });
      return true;
    }
    if (told.macs.length === MACS_PER_QUIET_TIME || told.macs.includes(mac)) return false;
    told.macs.push(mac);
    return true;
  }

  /** Drops what is over; the oldest are in front. */
  #forget(now: Monotonic): void {
    for (const [key, { since }] of this.#told) {
      if (now - since < QUIET_MS) return;
      this.#told.delete(key);
    }
  }
}

const keyOf = (name: string, ip: VipAddress | string): string => `${name} ${ip}`;
