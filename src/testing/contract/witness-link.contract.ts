import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { epoch, incarnation, type NodeName, nodeName } from '../../core/ids.ts';
import type { WitnessMessage } from '../../core/witness-messages.ts';
import type { WitnessEvent, WitnessLink } from '../../ports/witness-link.ts';

/** Agents a, b and c, each with two addresses. */
export interface WitnessHarness {
  /** Answers at both addresses of the node. */
  newLink(self: NodeName): WitnessLink;
  /** Where the node is found: first on the management network, then on the service network. */
  addresses(node: NodeName): readonly [string, string];
  /** Nothing passes by this address any more. */
  cut(address: string): Promise<void>;
  pass(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

type Of<K> = Extract<WitnessMessage, { readonly kind: K }>;

const A = nodeName('a');
const B = nodeName('b');
const C = nodeName('c');

const question = (sequence: number, node = A): Of<'confirm-request'> => ({
  kind: 'confirm-request',
  node,
  lease: { incarnation: incarnation(`life-of-${node}`), epoch: epoch(3) },
  sequence,
});

const answerTo = ({ node, lease, sequence }: Of<'confirm-request'>, confirmed = true): WitnessMessage => ({
  kind: 'confirm-answer',
  node,
  lease,
  sequence,
  confirmed,
});

/** An agent that writes down what it hears and answers as it is told. */
class Side {
  readonly link: WitnessLink;
  readonly events: WitnessEvent[] = [];
  confirms: boolean | undefined = true;

  constructor(link: WitnessLink) {
    this.link = link;
  }

  start(): Promise<void> {
    return this.link.start((event) => {
      this.events.push(event);
      const { message } = event;
      if (message.kind === 'confirm-request' && this.confirms !== undefined) {
        this.link.send(event.from, answerTo(message, this.confirms));
      }
    });
  }
}

/** What WitnessLink promises; `open` makes new networks for one test. */
export function witnessLinkContract(open: () => Promise<WitnessHarness>): void {
  let harness: WitnessHarness;
  let a: Side;
  let b: Side;
  const sides: Side[] = [];
  const start = async (node: NodeName): Promise<Side> => {
    const side = new Side(harness.newLink(node));
    sides.push(side);
    await side.start();
    side.link.peers([A, B, C].map((peer) => ({ node: peer, addresses: harness.addresses(peer) })));
    return side;
  };
  beforeEach(async () => {
    harness = await open();
    [a, b] = [await start(A), await start(B)];
    await start(C);
  });
  afterEach(async () => {
    await Promise.all(sides.splice(0).map(({ link }) => link.stop()));
    await harness.dispose();
  });
  const until = async (holds: () => boolean, withinMs = 5_000): Promise<void> => {
    for (let waited = 0; !holds() && waited < withinMs; waited += 20) await harness.pass(20);
    expect(holds()).toBe(true);
  };
  let sequence = 0;
  /** Asks until there is an answer, and returns the question that was answered. */
  const ask = async (asker: Side, from: NodeName, to: NodeName, withinMs = 5_000): Promise<WitnessMessage> => {
    asker.events.splice(0);
    for (let waited = 0; asker.events.length === 0 && waited < withinMs; waited += 20) {
      asker.link.send(to, question(++sequence, from));
      await harness.pass(20);
    }
    const [answer] = asker.events;
    expect(answer?.from).toBe(to);
    if (!answer) throw new Error('no answer');
    return answer.message;
  };
  /** Waits until nothing of what was said before is under way. */
  const quiet = async (): Promise<void> => {
    await harness.pass(300);
    for (const side of sides) side.events.splice(0);
  };

  test('a question reaches the peer once, and its first answer the asker once, though there are two ways', async () => {
    await ask(a, A, B);
    await quiet();
    const asked = question(++sequence);
    b.confirms = undefined;
    a.link.send(B, asked);
    await until(() => b.events.length > 0);
    await harness.pass(300);
    expect(b.events).toEqual([{ kind: 'message', from: A, message: asked }]);
    b.link.send(A, answerTo(asked));
    b.link.send(A, answerTo(asked, false));
    await until(() => a.events.length > 0);
    await harness.pass(300);
    expect(a.events).toEqual([{ kind: 'message', from: B, message: answerTo(asked) }]);
  });

  test('each peer answers for itself, yes or no', async () => {
    b.confirms = false;
    await ask(a, A, B);
    await ask(a, A, C);
    await quiet();
    const asked = question(++sequence);
    for (const peer of [B, C]) a.link.send(peer, asked);
    await until(() => a.events.length === 2);
    expect(a.events.find(({ from }) => from === B)?.message).toEqual(answerTo(asked, false));
    expect(a.events.find(({ from }) => from === C)?.message).toEqual(answerTo(asked, true));
  });

  test('either network is enough', async () => {
    await ask(a, A, B);
    const [management, service] = harness.addresses(B);
    await harness.cut(management);
    await ask(a, A, B);
    await harness.cut(service);
    await quiet();
    a.link.send(B, question(++sequence));
    await harness.pass(500);
    expect(a.events).toEqual([]);
    expect(await ask(a, A, C)).toMatchObject({ confirmed: true });
  });

  test('whoever is not in the list is not asked, and an answer to no question goes nowhere', async () => {
    await ask(a, A, B);
    await quiet();
    a.link.peers([{ node: C, addresses: harness.addresses(C) }]);
    a.link.send(B, question(++sequence));
    b.link.send(A, answerTo(question(++sequence)));
    await harness.pass(300);
    expect([a.events, b.events]).toEqual([[], []]);
    await ask(a, A, C);
  });

  test('a peer that was restarted answers again', async () => {
    await ask(a, A, B);
    await b.link.stop();
    await quiet();
    a.link.send(B, question(++sequence));
    await harness.pass(300);
    expect(a.events).toEqual([]);
    b = await start(B);
    expect(await ask(a, A, B, 2_000)).toMatchObject({ kind: 'confirm-answer', confirmed: true });
  });

  test('an agent that has stopped hears and says nothing any more', async () => {
    await ask(a, A, B);
    await quiet();
    a.link.send(B, question(++sequence));
    await a.link.stop();
    await quiet();
    a.link.send(B, question(++sequence));
    b.link.send(A, question(++sequence, B));
    await harness.pass(300);
    expect([a.events, b.events]).toEqual([[], []]);
  });
}
