import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ControllerId, controllerId } from '../../core/ids.ts';
import type { PeerMessage } from '../../core/peer-messages.ts';
import type { PeerEvent, PeerLink } from '../../ports/peer-link.ts';
import { beat, beatAnswer, changed, stepDown, voteAnswer, voteRequest } from '../peer-messages.ts';

/** Controllers c1, c2 and c3 with a network among them. */
export interface PeerHarness {
  /** Another one of the same id takes its place when it is started after the first was stopped. */
  newLink(self: ControllerId): PeerLink;
  /** Ways that exist carry nothing any more, without a word to anybody. */
  blackHole(): void;
  /** The ways are good again, at least new ones. */
  heal(): void;
  pass(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

/** A controller that only writes down what it hears. */
class Side {
  readonly link: PeerLink;
  readonly events: PeerEvent[] = [];

  constructor(link: PeerLink) {
    this.link = link;
  }

  start(): Promise<void> {
    return this.link.start((event) => this.events.push(event));
  }

  from(id: ControllerId): PeerMessage[] {
    return this.events.filter(({ from }) => from === id).map(({ message }) => message);
  }
}

const C1 = controllerId('c1');
const C2 = controllerId('c2');
const C3 = controllerId('c3');
const WITHIN_MS = 30_000;

/** What PeerLink promises; `open` makes a new network for one test. */
export function peerLinkContract(open: () => Promise<PeerHarness>): void {
  let harness: PeerHarness;
  const sides: Side[] = [];
  beforeEach(async () => {
    harness = await open();
  });
  afterEach(async () => {
    await Promise.all(sides.splice(0).map(({ link }) => link.stop()));
    await harness.dispose();
  });

  const start = async (id: ControllerId): Promise<Side> => {
    const side = new Side(harness.newLink(id));
    sides.push(side);
    await side.start();
    return side;
  };
  const until = async (holds: () => boolean, withinMs = 5_000): Promise<void> => {
    for (let waited = 0; !holds() && waited < withinMs; waited += 20) await harness.pass(20);
    expect(holds()).toBe(true);
  };
  /** Speaks until it is heard: what is said before there is a way is lost. */
  const meet = async (speaker: Side, from: ControllerId, hearer: Side, to: ControllerId, withinMs = 5_000) => {
    const before = hearer.from(from).length;
    for (let waited = 0; hearer.from(from).length === before && waited < withinMs; waited += 20) {
      speaker.link.send(to, changed());
      await harness.pass(20);
    }
    expect(hearer.from(from).length).toBeGreaterThan(before);
    await harness.pass(50);
    hearer.events.splice(0);
  };
  const meetBoth = async (a: Side, idOfA: ControllerId, b: Side, idOfB: ControllerId, withinMs?: number) => {
    await meet(a, idOfA, b, idOfB, withinMs);
    await meet(b, idOfB, a, idOfA, withinMs);
    b.events.splice(0);
  };

  test('carries every kind of message in both directions, unchanged and in order', async () => {
    const [one, two] = [await start(C1), await start(C2)];
    await meetBoth(one, C1, two, C2);
    const all = [voteRequest(1), voteAnswer(1), beat(1), beatAnswer(1), changed(), stepDown()];
    for (const message of all) {
      one.link.send(C2, message);
      two.link.send(C1, message);
    }
    await until(() => one.events.length === all.length && two.events.length === all.length);
    expect(two.from(C1)).toEqual(all);
    expect(one.from(C2)).toEqual(all);
  });

  test('tells who said what, and nobody hears what was said to another', async () => {
    const [one, two, three] = [await start(C1), await start(C2), await start(C3)];
    await meetBoth(one, C1, two, C2);
    await meetBoth(one, C1, three, C3);
    await meetBoth(two, C2, three, C3);
    two.link.send(C1, beat(2));
    three.link.send(C1, beat(3));
    two.link.send(C3, beat(4));
    await until(() => one.events.length === 2 && three.events.length === 1);
    expect([one.from(C2), one.from(C3), three.from(C2)]).toEqual([[beat(2)], [beat(3)], [beat(4)]]);
    expect(two.events).toEqual([]);
  });

  test('drops what is said to nobody, to itself and to one that is not there', async () => {
    const one = await start(C1);
    for (const id of [C1, C2, controllerId('c9')]) one.link.send(id, beat(1));
    const two = await start(C2);
    await meetBoth(one, C1, two, C2);
    one.link.send(C2, beat(2));
    await until(() => two.events.length > 0);
    expect(two.from(C1)).toEqual([beat(2)]);
    expect(one.events).toEqual([]);
  });

  test('finds a controller again that was restarted, within a second and a half', async () => {
    const [one, two] = [await start(C1), await start(C2)];
    await meetBoth(one, C1, two, C2);
    await two.link.stop();
    one.link.send(C2, beat(1));
    await harness.pass(1_000);
    const again = await start(C2);
    await meetBoth(one, C1, again, C2, 1_500);
  });

  test('what was said before a controller stops arrives; nothing is told to it afterwards', async () => {
    const [one, two] = [await start(C1), await start(C2)];
    await meetBoth(one, C1, two, C2);
    one.link.send(C2, stepDown());
    await one.link.stop();
    const heard = one.events.length;
    two.link.send(C1, beat(1));
    await until(() => two.events.length > 0);
    expect(two.from(C1)).toEqual([stepDown()]);
    await harness.pass(500);
    expect(one.events).toHaveLength(heard);
    one.link.send(C2, beat(2));
    await harness.pass(100);
    expect(two.from(C1)).toEqual([stepDown()]);
  });

  test(
    'is there again after a black hole',
    async () => {
      const [one, two] = [await start(C1), await start(C2)];
      await meetBoth(one, C1, two, C2);
      harness.blackHole();
      one.link.send(C2, beat(1));
      await harness.pass(1_000);
      expect(two.events).toEqual([]);
      harness.heal();
      await meetBoth(one, C1, two, C2, 6_000);
    },
    WITHIN_MS,
  );

  test(
    'stops in time, also when the others are dead',
    async () => {
      const [one, two] = [await start(C1), await start(C2)];
      await meetBoth(one, C1, two, C2);
      harness.blackHole();
      let stopped = 0;
      for (const { link } of [one, two]) void link.stop().then(() => stopped++);
      await until(() => stopped === 2, 2_000);
    },
    WITHIN_MS,
  );

  describe('a crowd of messages', () => {
    test('to one that is gone costs nothing and stops nobody', async () => {
      const [one, two, three] = [await start(C1), await start(C2), await start(C3)];
      await meetBoth(one, C1, two, C2);
      await meetBoth(one, C1, three, C3);
      await three.link.stop();
      for (let sequence = 1; sequence <= 1_000; sequence++) one.link.send(C3, beat(sequence));
      one.link.send(C2, beat(1));
      await until(() => two.events.length > 0);
      expect(two.from(C1)).toEqual([beat(1)]);
    });
  });
}
