import { describe, expect, it } from '@jest/globals';
import { n, nodeEntry, term } from '../../testing/core-builders.ts';
import { LOST_ROUNDS } from '../agent/reach.ts';
import type { NodeEntry, NodeTable } from '../node-table.ts';
import { monotonic } from '../time.ts';
import { multicastTiming, TIMING_PROFILES } from '../timing.ts';
import { memberAnswered, type MemberProbe, membersAsked, membersJudged, newMemberProbe } from './member-probe.ts';

const TIMING = TIMING_PROFILES.Default;
const { roundMs } = multicastTiming(TIMING);
const addressOf = (name: string): string => `10.0.0.${name.charCodeAt(0) - 96}`;
const member = (name: string, over: Partial<NodeEntry> = {}): NodeEntry =>
  nodeEntry(name, { answersMulticast: true, witnessAddress: `${addressOf(name)}:7482`, ...over });

/** Rounds in which these answer; heartbeats of `heard` arrive all the time. */
class Rounds {
  probe: MemberProbe = newMemberProbe(term(3), monotonic(0));
  now = 0;
  readonly #members: readonly NodeEntry[];

  constructor(...members: readonly NodeEntry[]) {
    this.#members = members;
  }

  table(heard: readonly string[]): NodeTable {
    const lastHeard = (name: string): number => (heard.includes(name) ? this.now : -10_000);
    return new Map(
      this.#members.map((entry) => [entry.node, { ...entry, lastHeard: monotonic(lastHeard(entry.node)) }]),
    );
  }

  run(count: number, answering: string, heard = 'abc'): this {
    const known = heard.split('');
    for (let round = 0; round < count; round++) {
      this.probe = membersAsked(this.probe, monotonic(this.now), TIMING);
      const table = this.table(known);
      for (const name of answering) {
        this.probe = memberAnswered(this.probe, table, n(name), addressOf(name)) ?? this.probe;
      }
      this.now += roundMs;
      this.probe = membersJudged(this.probe, this.table(known), monotonic(this.now), TIMING);
    }
    return this;
  }

  get seen(): string {
    return `${this.probe.verdict}: ${[...this.probe.mute].join('')}`;
  }
}

const three = (): Rounds => new Rounds(member('a'), member('b'), member('c'));

describe('the multicast of a master', () => {
  it('is answered by all', () => {
    expect(three().run(5, 'abc').seen).toBe('fine: ');
  });

  it('names those who miss some rounds while others answer, also whom this master has never heard', () => {
    expect(three().run(LOST_ROUNDS - 1, 'ab').seen).toBe('fine: ');
    expect(three().run(LOST_ROUNDS, 'ab').seen).toBe('some-silent: c');
    expect(three().run(LOST_ROUNDS, 'ab').run(1, 'abc').seen).toBe('fine: ');
  });

  it('says nothing where nobody answers and heartbeats arrive: it is filtered', () => {
    expect(three().run(9, '').seen).toBe('no-multicast: ');
    expect(three().run(2, 'abc').run(9, '').seen).toBe('no-multicast: ');
  });

  it('is of a master that is cut off where nobody answers any more and no majority is heard', () => {
    const cutOff = three().run(2, 'abc').run(LOST_ROUNDS, '', 'a');
    expect(cutOff.seen).toBe('isolated: ');
    expect(three().run(2, 'abc').run(LOST_ROUNDS, '', 'ab').seen).toBe('no-multicast: ');
  });

  it('ends nothing where nobody has ever answered this master, nor for a single node', () => {
    expect(three().run(9, '', '').seen).toBe('no-multicast: ');
    expect(new Rounds(member('a')).run(2, 'a').run(9, '', '').seen).toBe('no-multicast: ');
  });

  it('expects nothing of nodes that do not answer multicast, or that left', () => {
    const others = [member('b', { answersMulticast: false }), member('c', { gone: 'said-goodbye' })];
    expect(new Rounds(member('a'), ...others).run(9, 'a').seen).toBe('fine: ');
  });

  it('believes a node only from its own management address', () => {
    const rounds = three();
    const table = rounds.table([]);
    expect(memberAnswered(rounds.probe, table, n('a'), addressOf('b'))).toBeUndefined();
    expect(memberAnswered(rounds.probe, table, n('z'), addressOf('a'))).toBeUndefined();
    expect(memberAnswered(rounds.probe, table, n('a'), addressOf('a'))).toBeDefined();
  });
});
