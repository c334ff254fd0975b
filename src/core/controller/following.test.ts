import { describe, expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { electorate, n } from '../../testing/core-builders.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import { electorateName } from '../electorate.ts';
import type { PeerMessage } from '../peer-messages.ts';
import { revokeAfterMs, TIMING_PROFILES } from '../timing.ts';

const timing = TIMING_PROFILES.Default;
const NODE = n('node-1');
const ALL = ['c1', 'c2', 'c3'];

/** Three controllers under c1, and an agent that all of them hear. */
function scene(): { c: Controllers; agent: LeasingAgent } {
  const c = new Controllers(3).startAll().run(2_000);
  const agent = new LeasingAgent(c, NODE, 1);
  agent.greet(...ALL);
  agent.keep(1_000, ...ALL);
  return { c, agent };
}

/** Every message of that kind from now on. */
function watch<K extends PeerMessage['kind']>(c: Controllers, kind: K, from: string): (PeerMessage & { kind: K })[] {
  const seen: (PeerMessage & { kind: K })[] = [];
  const { loses } = c;
  c.loses = (sender, to, message) => {
    if (sender === from && message.kind === kind) seen.push(message as PeerMessage & { kind: K });
    return loses(sender, to, message);
  };
  return seen;
}

const goneAt = (c: Controllers, id: string): string | undefined => c.state(id).nodes.get(NODE)?.gone;
const isOver = (c: Controllers): boolean =>
  [...(c.state('c1').verdicts?.over ?? [])].some((key) => key.startsWith(NODE));

describe('a table of leases', () => {
  it('travels when it changes, and is only named while it does not', () => {
    const { c, agent } = scene();
    const answers = watch(c, 'beat-answer', 'c2');
    c.run(500);
    expect(answers.length).toBeGreaterThan(3);
    expect(answers.every(({ leases }) => leases === undefined)).toBe(true);
    agent.epoch = 2;
    agent.beat('c2');
    c.run(200);
    expect(answers.filter(({ leases }) => leases !== undefined)).toMatchObject([{ leases: [{ lease: { epoch: 2 } }] }]);
  });

  it('that changes many times in a moment is asked for once, and again when it changes after that', () => {
    const { c } = scene();
    const told = watch(c, 'changed', 'c2');
    const agents = ['node-2', 'node-3', 'node-4'].map((name, index) => new LeasingAgent(c, name, 2 + index));
    const known = (): number | undefined => c.state('c1').verdicts?.peers.get(c.config('c2').self.id)?.leases.size;
    for (const other of agents.slice(0, 2)) other.greet('c2');
    c.run(4);
    expect([told.length, known()]).toEqual([1, 3]);
    agents[2]?.greet('c2');
    c.run(4);
    expect([told.length, known()]).toEqual([2, 4]);
  });

  it('that changes is asked for at once, not with the next beat', () => {
    const { c, agent } = scene();
    c.run(150);
    const beats = watch(c, 'beat', 'c1');
    agent.epoch = 2;
    const { beatAt = Number.NaN } = c.state('c1').reign ?? {};
    expect(beatAt - c.now).toBeGreaterThan(5);
    agent.beat('c2');
    c.run(4);
    expect(beats.length).toBeGreaterThan(0);
    expect(c.state('c1').verdicts?.peers.get(c.config('c2').self.id)?.leases.get(NODE)).toMatchObject([
      { lease: { epoch: 2 } },
    ]);
  });

  it('is asked for again where the answer was lost', () => {
    const { c, agent } = scene();
    agent.epoch = 2;
    c.loses = (from, _, message) => from === 'c2' && message.kind === 'beat-answer';
    agent.beat('c2');
    c.run(150);
    c.loses = () => false;
    c.run(150);
    expect(c.state('c1').verdicts?.peers.get(c.config('c2').self.id)?.leases.get(NODE)).toMatchObject([
      { lease: { epoch: 2 } },
    ]);
  });

  it('has another name in every run of a controller', () => {
    const { c } = scene();
    const answers = watch(c, 'beat-answer', 'c2');
    c.run(150);
    c.crash('c2');
    c.start('c2', true);
    c.run(150);
    const names = new Set(answers.map(({ table }) => table));
    expect(names.size).toBe(2);
    expect(answers.at(-1)?.leases ?? answers.at(-2)?.leases).toBeDefined();
  });

  it('B5 comes with the vote: a new master that never heard of a node reckons with it', () => {
    const c = new Controllers(3).startAll().run(2_000);
    const agent = new LeasingAgent(c, NODE, 1);
    agent.greet('c1', 'c2');
    agent.keep(1_000, 'c1', 'c2');
    c.crash('c1');
    agent.keep(1_000, 'c2');
    expect(c.masters()).toEqual(['c3']);
    expect(c.state('c3').nodes.has(NODE)).toBe(false);
    expect(c.state('c3').verdicts?.inherited.map(({ node }) => node)).toContain(NODE);
  });
});

describe('A7 D1 a node that falls silent', () => {
  it('is lost when a majority has revoked its lease, as soon as the last of them could', () => {
    const { c, agent } = scene();
    agent.beat(...ALL);
    c.run(revokeAfterMs(timing) - 1);
    expect([ALL.map((id) => goneAt(c, id)), isOver(c)]).toEqual([['no', 'no', 'no'], false]);
    c.run(6);
    expect([ALL.map((id) => goneAt(c, id)), isOver(c)]).toEqual([['lease-ended', 'lease-ended', 'lease-ended'], true]);
  });

  it('for one controller alone is not lost', () => {
    for (const deaf of ALL) {
      const { c, agent } = scene();
      agent.keep(3_000, ...ALL.filter((id) => id !== deaf));
      expect([goneAt(c, deaf), isOver(c)]).toEqual(['lease-ended', false]);
    }
  });

  it('for the master and one other is lost, although a third one hears it', () => {
    const { c, agent } = scene();
    agent.keep(2_000, 'c3');
    expect(isOver(c)).toBe(true);
  });

  it('for both others is lost, although the master hears it: who is lost is not acknowledged, and revoked as well', () => {
    const { c, agent } = scene();
    agent.keep(2_000, 'c1');
    expect(isOver(c)).toBe(true);
    expect(agent.beat('c1')).toMatchObject([{ kind: 'nack', reason: 'Revoked' }]);
    agent.keep(1_400, 'c1');
    expect(goneAt(c, 'c1')).toBe('lease-ended');
    agent.epoch = 2;
    expect(agent.beat('c1')).toMatchObject([{ kind: 'ack' }]);
  });

  it('is lost as soon as one of the majority reports again that it has revoked the lease, though with nothing new', () => {
    const { c, agent } = scene();
    // c2 hears it on. c3 has revoked the lease, and cannot tell when the master does so as well.
    agent.keep(1_400, 'c1', 'c2');
    c.cut('c1', 'c3');
    agent.keep(400, 'c1', 'c2');
    agent.keep(1_600, 'c2');
    expect([ALL.map((id) => goneAt(c, id)), isOver(c)]).toEqual([['lease-ended', 'no', 'lease-ended'], false]);
    c.heal();
    agent.keep(200, 'c2');
    expect(isOver(c)).toBe(true);
  });

  it('is refused afterwards with the same epoch, by whomever, and welcome with the next one', () => {
    const { c, agent } = scene();
    c.run(2_000);
    expect(agent.beat(...ALL)).toMatchObject(ALL.map(() => ({ kind: 'nack', reason: 'Revoked' })));
    agent.epoch = 2;
    expect(agent.beat(...ALL)).toMatchObject(ALL.map(() => ({ kind: 'ack', master: 'c1' })));
  });
});

describe('a false alarm', () => {
  it.each(['c1', 'c3'])(
    'at %s alone is taken back when the node knocks: the same epoch is acknowledged again',
    (deaf) => {
      const { c, agent } = scene();
      agent.keep(2_000, ...ALL.filter((id) => id !== deaf));
      expect(agent.beat(deaf)).toMatchObject([{ kind: 'nack', reason: 'Revoked' }]);
      agent.keep(400, ...ALL);
      expect(agent.beat(deaf)).toMatchObject([{ kind: 'ack' }]);
      expect(goneAt(c, deaf)).toBe('no');
      expect(agent.epoch).toBe(1);
    },
  );

  it('is not taken back while the node does not knock', () => {
    const { c, agent } = scene();
    agent.keep(5_000, 'c1', 'c2');
    expect(goneAt(c, 'c3')).toBe('lease-ended');
  });

  it('is taken back before the order leaves: whatever the controller reported before counts no more', () => {
    const { c, agent } = scene();
    agent.keep(2_000, 'c1', 'c2');
    let orders = 0;
    c.loses = (_, to, message) => to === 'c3' && message.kind === 'beat' && message.restores.length > 0 && ++orders > 0;
    // The order is lost. From now on the master does not hear the node either, and c2 still does.
    agent.beat('c3');
    c.run(110);
    expect(orders).toBeGreaterThan(0);
    agent.keep(1_200, 'c2');
    expect([goneAt(c, 'c1'), goneAt(c, 'c3'), isOver(c)]).toEqual(['lease-ended', 'lease-ended', false]);
  });

  it('of which the order came twice is taken back once: the next revocation stays', () => {
    const { c, agent } = scene();
    agent.keep(2_000, 'c1', 'c2');
    const beats = watch(c, 'beat', 'c1');
    agent.beat('c3');
    agent.keep(400, ...ALL);
    const order = beats.find(({ restores }) => restores.length > 0);
    expect(order?.restores).toMatchObject([{ node: NODE, number: 1 }]);
    agent.keep(2_000, 'c1', 'c2');
    expect(goneAt(c, 'c3')).toBe('lease-ended');
    if (order) c.peerSays('c3', 'c1', order);
    expect(goneAt(c, 'c3')).toBe('lease-ended');
  });

  it('of a node that leaves before the order comes counts as a revocation, though the master hears no goodbye', () => {
    const { c, agent } = scene();
    agent.keep(2_000, 'c1', 'c2');
    c.crash('c2');
    c.loses = (_, to, message) => to === 'c3' && message.kind === 'beat' && message.restores.length > 0;
    agent.beat('c3');
    c.run(50);
    c.agentSays('c3', 1, { kind: 'goodbye', reason: 'agent stopped' });
    c.loses = () => false;
    c.run(1_500);
    expect([goneAt(c, 'c1'), goneAt(c, 'c3'), isOver(c)]).toEqual(['lease-ended', 'said-goodbye', true]);
  });

  it('is none once the lease is over: only the next epoch helps', () => {
    const { c, agent } = scene();
    agent.keep(2_000, 'c3');
    expect(isOver(c)).toBe(true);
    agent.keep(2_000, ...ALL);
    expect(ALL.map((id) => goneAt(c, id))).toEqual(['lease-ended', 'lease-ended', 'no']);
  });
});

describe('A6 a beat', () => {
  it('of a lower term is refused, and tells its sender of the higher one', () => {
    const { c } = scene();
    c.cut('c1');
    c.run(2_000);
    expect(c.masters()).toEqual(['c3']);
    c.heal();
    const answers = watch(c, 'beat-answer', 'c2');
    const term = { number: 1, instance: c.config('c1').self };
    const known = electorateName(electorate(3));
    c.peerSays('c2', 'c1', {
      kind: 'beat',
      sequence: 99,
      term,
      electorate: known,
      knownTable: '',
      restores: [],
      spent: [],
    });
    expect(answers[0]).toMatchObject({ accepted: false, table: '', leases: undefined, highestTerm: { number: 2 } });
  });
});
