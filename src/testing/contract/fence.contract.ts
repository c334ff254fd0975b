import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { FenceClass, FenceReport } from '../../ports/fence.ts';

/** A fence somewhere, and its time. */
export interface FenceDriver {
  start(): Promise<FenceReport>;
  /** The agent is killed, and a new one starts its fence on the same host. */
  restart(): Promise<FenceReport>;
  manage(vips: Readonly<Record<string, FenceClass>>): Promise<void>;
  /** `forMs`: from now to `until`. */
  extend(mode: 'refresh' | 'acquire', fenceClass: FenceClass, forMs: number): Promise<void>;
  /** The same, but the process stands still for so long before it reads the clock, and then again. */
  extendLate(mode: 'refresh' | 'acquire', fenceClass: FenceClass, forMs: number, stallMs: number): Promise<void>;
  close(fenceClass?: FenceClass): Promise<void>;
  isOpen(fenceClass: FenceClass): Promise<boolean>;
  remove(): Promise<void>;
  /** Lets time pass, or a little more. */
  elapse(ms: number): Promise<void>;
  end(): Promise<void>;
}

/** What every Fence does. @param leaseMs that the driver's fence was made with, 400 or more. */
export function fenceContract(create: () => Promise<FenceDriver>, leaseMs: number): void {
  let fence: FenceDriver;

  beforeEach(async () => {
    fence = await create();
    expect(await fence.start()).toMatchObject({ kind: 'kernel' });
    await fence.manage({ '192.0.2.50': 0, '192.0.2.51': 7 });
  });
  afterEach(() => fence.end());

  test('a class is closed until it is acquired', async () => {
    expect(await fence.isOpen(0)).toBe(false);
    await fence.extend('refresh', 0, leaseMs);
    expect(await fence.isOpen(0)).toBe(false);
    await fence.extend('acquire', 0, leaseMs);
    expect(await fence.isOpen(0)).toBe(true);
  });

  test('it ends by itself, and a refresh does not revive it', async () => {
    await fence.extend('acquire', 0, leaseMs);
    await fence.elapse(leaseMs);
    expect(await fence.isOpen(0)).toBe(false);
    await fence.extend('refresh', 0, leaseMs);
    expect(await fence.isOpen(0)).toBe(false);
  });

  test('a refresh extends what is alive', async () => {
    await fence.extend('acquire', 0, leaseMs);
    for (let round = 0; round < 4; round++) {
      await fence.elapse(leaseMs / 3);
      await fence.extend('refresh', 0, leaseMs);
    }
    expect(await fence.isOpen(0)).toBe(true);
  });

  test('nothing happens where the end has come or is too near', async () => {
    await fence.extend('acquire', 0, 0);
    await fence.extend('acquire', 0, -leaseMs);
    expect(await fence.isOpen(0)).toBe(false);
  });

  test('nothing happens where the process stood still between the guard and the datagram', async () => {
    await fence.extendLate('acquire', 0, leaseMs, 60);
    expect(await fence.isOpen(0)).toBe(false);
    await fence.extend('acquire', 0, leaseMs / 2);
    await fence.extendLate('refresh', 0, leaseMs * 2, 60);
    await fence.elapse(leaseMs / 2);
    expect(await fence.isOpen(0)).toBe(false);
  });

  test('classes are independent', async () => {
    await fence.extend('acquire', 7, leaseMs);
    expect([await fence.isOpen(0), await fence.isOpen(7)]).toEqual([false, true]);
    await fence.extend('acquire', 0, leaseMs);
    await fence.close(7);
    expect([await fence.isOpen(0), await fence.isOpen(7)]).toEqual([true, false]);
  });

  test('close ends all classes at once', async () => {
    for (const each of [0, 7, 65_535]) await fence.extend('acquire', each, leaseMs);
    await fence.close();
    for (const each of [0, 7, 65_535]) expect(await fence.isOpen(each)).toBe(false);
  });

  test('a new process finds what is alive, and may refresh it', async () => {
    await fence.extend('acquire', 7, leaseMs);
    expect(await fence.restart()).toMatchObject({ kind: 'kernel' });
    expect([await fence.isOpen(0), await fence.isOpen(7)]).toEqual([false, true]);
    await fence.extend('refresh', 7, leaseMs);
    await fence.extend('refresh', 0, leaseMs);
    expect([await fence.isOpen(0), await fence.isOpen(7)]).toEqual([false, true]);
  });

  test('a fence that was removed does nothing any more', async () => {
    await fence.extend('acquire', 0, leaseMs);
    await fence.remove();
    expect(await fence.isOpen(0)).toBe(false);
    await fence.extend('acquire', 0, leaseMs);
    await fence.manage({});
    await fence.close();
    expect(await fence.isOpen(0)).toBe(false);
  });
}
