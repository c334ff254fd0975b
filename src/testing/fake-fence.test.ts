import { describe, expect, test } from '@jest/globals';
import { fenceTimes } from '../adapters/linux/fence/ladder.ts';
import { type VipAddress, vipAddress } from '../core/ids.ts';
import { addMs, monotonic } from '../core/time.ts';
import type { FenceClass } from '../ports/fence.ts';
import { fenceContract } from './contract/fence.contract.ts';
import { FakeFence, FakeFenceState, type FakeFenceOptions } from './fake-fence.ts';
import { VirtualClock } from './virtual-clock.ts';

const LEASE_MS = 400;

function driver(options: FakeFenceOptions) {
  const clock = new VirtualClock();
  const state = new FakeFenceState(clock);
  let fence = new FakeFence(state, options);
  const extend = (mode: 'refresh' | 'acquire', fenceClass: FenceClass, forMs: number): void => {
    fence.extend(mode, fenceClass, addMs(clock.now(), forMs));
  };
  return {
    start: async () => Promise.resolve(fence.start()),
    restart: async () => {
      fence = new FakeFence(state, options);
      return Promise.resolve(fence.start());
    },
    manage: async (vips: Readonly<Record<string, FenceClass>>) =>
      Promise.resolve(fence.manage(new Map(Object.entries(vips) as [VipAddress, FenceClass][]))),
    extend: async (mode: 'refresh' | 'acquire', fenceClass: FenceClass, forMs: number) =>
      Promise.resolve(extend(mode, fenceClass, forMs)),
    extendLate: async (mode: 'refresh' | 'acquire', fenceClass: FenceClass, forMs: number) => {
      fence.stallNext();
      return Promise.resolve(extend(mode, fenceClass, forMs));
    },
    close: async (fenceClass?: FenceClass) => Promise.resolve(fence.close(fenceClass)),
    isOpen: async (fenceClass: FenceClass) => Promise.resolve(fence.isOpen(fenceClass)),
    remove: async () => Promise.resolve(fence.remove()),
    elapse: (ms: number) => clock.advance(ms),
    end: async () => Promise.resolve(),
  };
}

describe('FakeFence, exact', () => fenceContract(() => Promise.resolve(driver({})), LEASE_MS));
describe('FakeFence with the steps of a kernel', () =>
  fenceContract(() => Promise.resolve(driver({ times: fenceTimes(LEASE_MS, 4) })), LEASE_MS));

describe('FakeFence', () => {
  const vip = vipAddress('192.0.2.50');

  test('lets pass what is not fenced, and what is while its class is alive', async () => {
    const clock = new VirtualClock();
    const state = new FakeFenceState(clock);
    const fence = new FakeFence(state);
    fence.start();
    expect(state.lets(vip)).toBe(true);
    fence.manage(new Map([[vip, 3]]));
    expect(state.lets(vip)).toBe(false);
    fence.extend('acquire', 3, monotonic(100));
    expect(state.lets(vip)).toBe(true);
    fence.stop();
    await clock.advance(100);
    expect(state.lets(vip)).toBe(false);
  });

  test('does nothing on a host without a kernel fence', () => {
    const state = new FakeFenceState(new VirtualClock());
    const fence = new FakeFence(state, { report: { kind: 'none', reason: 'no nf_tables' } });
    expect(fence.start()).toEqual({ kind: 'none', reason: 'no nf_tables' });
    fence.manage(new Map([[vip, 0]]));
    expect(state.lets(vip)).toBe(true);
    fence.extend('acquire', 0, monotonic(100));
    expect(fence.isOpen(0)).toBe(false);
  });
});
