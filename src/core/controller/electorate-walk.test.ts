import { describe, expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { electorate } from '../../testing/core-builders.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import type { Electorate } from '../electorate.ts';

const of = (...numbers: readonly number[]): Electorate => ({
  version: 1,
  members: numbers.flatMap((number) => electorate(5).members[number - 1] ?? []),
});
const ids = (c: Controllers): string[] => (c.store.electorate?.members ?? []).map(({ id }) => id as string).sort();

/** These run, configured with all of them. */
function running(...numbers: readonly number[]): Controllers {
  const c = new Controllers(5);
  for (const number of numbers) c.start(`c${number}`, false, of(...numbers));
  return c.run(3_000);
}

/** Each starts again with another list and its memory. */
function configure(c: Controllers, list: Electorate, ...who: readonly number[]): Controllers {
  for (const number of who) {
    c.crash(`c${number}`);
    c.start(`c${number}`, true, list);
    c.run(300);
  }
  return c;
}

describe('the electorate', () => {
  it('grows from one to three, each announced before it counts', () => {
    const c = running(1);
    configure(c, of(1, 2, 3), 2, 3);
    expect(ids(c)).toEqual(['c1']);
    configure(c, of(1, 2, 3), 1).run(6_000);
    expect(ids(c)).toEqual(['c1', 'c2', 'c3']);
    expect(c.store.electorate).toMatchObject({ version: 5 });
    expect(c.masters()).toHaveLength(1);
  });

  it('shrinks to one, whose lock decides then', () => {
    const c = running(1, 2, 3);
    configure(c, of(1), 3, 2, 1).run(10_000);
    expect(ids(c)).toEqual(['c1']);
    expect(c.masters()).toEqual(['c1']);
    expect(c.state('c2').standing).toBe('outside');
  });

  it('replaces one that is dead', () => {
    const c = running(1, 2, 3);
    c.crash('c2');
    configure(c, of(1, 3, 4), 4, 3, 1).run(6_000);
    expect(ids(c)).toEqual(['c1', 'c3', 'c4']);
    expect(c.masters()).toHaveLength(1);
  });

  it('stays as it is while few want it otherwise, and does not wait for who leaves', () => {
    const c = running(1, 2, 3);
    configure(c, of(1, 2, 3, 4, 5), 4, 5, 3).run(5_000);
    expect(ids(c)).toEqual(['c1', 'c2', 'c3']);
    c.leave('c3', of(1, 2));
    c.run(3_000);
    expect(ids(c)).toEqual(['c1', 'c2']);
  });

  it('waits for a node that holds something by the version before', () => {
    const c = running(1, 2, 3);
    const agent = new LeasingAgent(c, 'node-1', 1);
    agent.greet('c1', 'c2', 'c3');
    c.start('c4', false, of(1, 2, 4));
    for (const id of ['c1', 'c2']) {
      c.crash(id);
      c.start(id, true, of(1, 2, 4));
      agent.greet(id);
      agent.keep(600, 'c1', 'c2', 'c3');
    }
    agent.keep(1_000, 'c1', 'c2', 'c3');
    expect(c.store.electorate).toMatchObject({ version: 2, joining: { id: 'c4' } });
    agent.keep(3_000, 'c1', 'c2', 'c3');
    expect(c.store.electorate?.version).toBe(2);
    const [master = ''] = c.masters();
    expect(c.state(master).changeWaitsFor).toMatch(/node-1 to follow|c4/);
    agent.electorate = 2;
    agent.greet('c4');
    agent.keep(1_500, 'c1', 'c2', 'c3', 'c4');
    expect(c.store.electorate?.version).toBeGreaterThan(2);
  });
});
