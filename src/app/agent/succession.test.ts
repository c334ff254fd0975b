import { beforeEach, describe, expect, test } from '@jest/globals';
import type { SuccessionChance } from '../../core/agent/leaving.ts';
import type { HostLock } from '../../ports/host-lock.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { Succession } from './succession.ts';

/** The locks of one host. */
class Locks {
  readonly #owners = new Map<string, object>();

  /** For one process, of which `end` frees all that it holds. */
  process(clock: VirtualClock, memory = 'one'): { succession: Succession; end: () => void } {
    const held = new Map<string, object>();
    const acquire = (name: string): HostLock => {
      if (this.#owners.has(name)) return { kind: 'refused', reason: `@${name} is held` };
      const owner = {};
      this.#owners.set(name, owner);
      held.set(name, owner);
      return { kind: 'acquired', release: () => this.#free(name, owner) };
    };
    const end = (): void => [...held].forEach(([name, owner]) => this.#free(name, owner));
    return { succession: new Succession({ acquire, clock, memory }), end };
  }

  #free(name: string, owner: object): void {
    if (this.#owners.get(name) === owner) this.#owners.delete(name);
  }
}

const isFollowed = (process: ReturnType<Locks['process']>): Promise<boolean> =>
  process.succession.isFollowed(() => 'now');
const never = new Promise<void>(() => undefined);
const pass = (ms = 10): Promise<void> => clock.advance(ms);

let clock: VirtualClock;
let locks: Locks;
let old: ReturnType<Locks['process']>;
beforeEach(() => {
  clock = new VirtualClock();
  locks = new Locks();
  old = locks.process(clock);
  expect(old.succession.take()).toBeUndefined();
});

/** A process that waits. `result` is undefined while it does. */
class Waiting {
  readonly process: ReturnType<Locks['process']>;
  ready = 0;
  result: boolean | undefined;
  tell: () => void = () => undefined;

  constructor(prepared: Promise<void> = Promise.resolve(), memory?: string) {
    this.process = locks.process(clock, memory);
    const told = new Promise<void>((resolve) => void (this.tell = resolve));
    void this.process.succession
      .follow(prepared, () => this.ready++, told)
      .then((isOurs) => void (this.result = isOurs));
  }
}

describe('an agent in office', () => {
  test('refuses another one, with the reason of the lock', () => {
    expect(locks.process(clock).succession.take()).toBe('@vippool-agent is held');
  });

  test('is followed by who stands ready, and by nobody who still prepares', async () => {
    expect(await isFollowed(old)).toBe(false);
    let prepare = (): void => undefined;
    const next = new Waiting(new Promise((resolve) => void (prepare = resolve)));
    await pass();
    expect([next.ready, await isFollowed(old)]).toEqual([0, false]);
    prepare();
    await pass();
    expect([next.ready, next.result, await isFollowed(old)]).toEqual([1, undefined, true]);
    old.succession.leave();
    await pass();
    expect(next.result).toBe(true);
    // Nobody follows the successor yet.
    old.end();
    expect(await isFollowed(next.process)).toBe(false);
  });

  test('leaves nothing to who has another memory', async () => {
    const next = new Waiting(undefined, 'another');
    await pass();
    expect([next.ready, await isFollowed(old)]).toEqual([1, false]);
    old.end();
    await pass();
    expect(next.result).toBe(true);
  });

  test('that dies is followed at once, also by who was not prepared', async () => {
    const next = new Waiting(never);
    old.end();
    await pass(5);
    expect(next.result).toBe(true);
  });
});

describe('an agent that is told to stop while a successor stands ready', () => {
  let chance: SuccessionChance;
  let next: Waiting;
  let followed: boolean | undefined;
  const stop = async (first: SuccessionChance): Promise<void> => {
    next = new Waiting();
    await pass();
    chance = first;
    followed = undefined;
    void old.succession.isFollowed(() => chance).then((is) => void (followed = is));
  };

  test('goes on until the successor could', async () => {
    await stop('later');
    await pass(14_000);
    expect(followed).toBeUndefined();
    chance = 'now';
    await pass();
    expect(followed).toBe(true);
  });

  test('leaves it nothing where that takes too long', async () => {
    await stop('later');
    await pass(15_010);
    expect(followed).toBe(false);
  });

  test('leaves it nothing where it never could', async () => {
    await stop('never');
    await pass(0);
    expect(followed).toBe(false);
  });

  test('leaves nothing to who has gone meanwhile', async () => {
    await stop('later');
    next.process.end();
    next.tell();
    await pass();
    expect(followed).toBe(false);
  });
});

describe('a successor that is told to stop', () => {
  test('ends where its predecessor stays, which is followed by nobody then', async () => {
    const next = new Waiting();
    await pass();
    next.tell();
    await pass();
    expect(next.result).toBe(false);
    expect(await isFollowed(old)).toBe(false);
  });

  test('takes what its predecessor has left to it before, since nobody else would put it away', async () => {
    const next = new Waiting();
    await pass();
    expect(await isFollowed(old)).toBe(true);
    next.tell();
    await pass();
    expect(next.result).toBeUndefined();
    old.end();
    await pass();
    expect(next.result).toBe(true);
  });

  test('while it prepares never stands ready', async () => {
    let prepare = (): void => undefined;
    const next = new Waiting(new Promise((resolve) => void (prepare = resolve)));
    next.tell();
    prepare();
    await pass();
    expect([next.ready, next.result]).toEqual([0, false]);
  });
});

test('of two that wait one stands ready, and the other one when that is in office', async () => {
  const [first, second] = [new Waiting(), new Waiting()];
  await pass();
  expect([first.ready, second.ready]).toEqual([1, 0]);
  old.end();
  await pass();
  expect([first.result, second.result]).toEqual([true, undefined]);
  expect([second.ready, await isFollowed(first.process)]).toEqual([1, true]);
});
