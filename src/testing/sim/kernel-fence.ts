import type { VipAddress } from '../../core/ids.ts';
import type { FenceClass } from '../../ports/fence.ts';
import type { LocalClock } from './local-clock.ts';

/** Life of the guard element, which a datagram needs to have an effect. */
const GUARD_MS = 20;
/** The kernel ends an element up to this much late. */
const JIFFY_MS = 4;

/**
 * The fence as the kernel carries it out, by the kernel's clock: an element per class that ends by itself, extended by
 * a guarded datagram. The three parts of `extend` are separate because the process may freeze between any two.
 */
export class KernelFence {
  readonly #clock: LocalClock;
  readonly #stepMs: number;
  readonly #ends = new Map<FenceClass, number>();
  #managed: ReadonlyMap<VipAddress, FenceClass> = new Map();
  #guardEnds = Number.NEGATIVE_INFINITY;

  constructor(clock: LocalClock, leaseMs: number) {
    this.#clock = clock;
    this.#stepMs = leaseMs / 20;
  }

  manage(vips: ReadonlyMap<VipAddress, FenceClass>): void {
    this.#managed = vips;
  }

  /** First part. */
  guard(): void {
    this.#guardEnds = this.#clock.now() + GUARD_MS;
  }

  /** Second part: the longest timeout of the ladder that fits; 0 where none does. */
  timeoutFor(until: number): number {
    const steps = Math.floor((until - this.#clock.now() - GUARD_MS - JIFFY_MS) / this.#stepMs);
    return Math.max(0, Math.min(20, steps)) * this.#stepMs;
  }

  /** Third part. */
  datagram(mode: 'refresh' | 'acquire', fenceClass: FenceClass, timeoutMs: number, lateness: number): void {
    const now = this.#clock.now();
    if (timeoutMs <= 0 || now >= this.#guardEnds) return;
    if (mode === 'refresh' && !this.isOpen(fenceClass)) return;
    this.#ends.set(fenceClass, now + timeoutMs + lateness * JIFFY_MS);
  }

  close(fenceClass?: FenceClass): void {
    if (fenceClass === undefined) this.#ends.clear();
    else this.#ends.delete(fenceClass);
  }

  isOpen(fenceClass: FenceClass): boolean {
    return (this.#ends.get(fenceClass) ?? Number.NEGATIVE_INFINITY) > this.#clock.now();
  }

  /** When the class ends or ended, by the kernel's clock. */
  endOf(fenceClass: FenceClass): number {
    return this.#ends.get(fenceClass) ?? Number.NEGATIVE_INFINITY;
  }

  classOf(vip: VipAddress): FenceClass | undefined {
    return this.#managed.get(vip);
  }

  /** Whether the fence lets the host answer for the VIP; it knows nothing of VIPs that it does not manage. */
  lets(vip: VipAddress): boolean {
    const fenceClass = this.#managed.get(vip);
    return fenceClass === undefined || this.isOpen(fenceClass);
  }

  /** Nothing of this outlives the kernel. */
  reset(): void {
    this.#ends.clear();
    this.#managed = new Map();
    this.#guardEnds = Number.NEGATIVE_INFINITY;
  }
}
