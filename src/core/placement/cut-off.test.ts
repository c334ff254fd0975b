import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { link, n, pool, v } from '../../testing/core-builders.ts';
import { HealthRig } from '../../testing/health-rig.ts';
import type { ReachState } from '../neighbours.ts';
import type { Pool } from '../pool.ts';
import { monotonic } from '../time.ts';

const NODES = ['a', 'b', 'c'] as const;
const STATES: readonly ReachState[] = ['Alone', 'Unknown', 'Answered', 'Suspect', 'Silent'];
const VIP = '192.0.2.1';

const byName = pool({ vips: [v(VIP)], homes: new Map([[v(VIP), n('a')]]) });
const bySubnet: Pool = { ...byName, interface: { kind: 'matchSubnet' } };

const rigOf = (one: Pool): HealthRig => new HealthRig([one], ...NODES);

/** What the nodes tell of the interface; nothing changes for those that are left out. */
function tell(rig: HealthRig, states: Readonly<Partial<Record<string, ReachState>>>): HealthRig {
  for (const [node, state] of Object.entries(states)) {
    if (state) rig.change(node, { reach: [{ interface: 's0', state }] });
  }
  return rig.step();
}

describe.each([
  ['by name', byName],
  ['by subnet', bySubnet],
])('a node that reaches nobody, with interfaces chosen %s', (_, one) => {
  it('gives its VIP to one that does, and says why', () => {
    const rig = rigOf(one);
    expect(rig.holder(VIP)).toBe('a');
    tell(rig, { a: 'Silent', b: 'Answered', c: 'Answered' });
    expect(rig.moves).toMatchObject([{ from: 'a', reason: 'ServiceUnreachable' }]);
  });

  it('keeps it while the others are silent or doubtful as well: it is the network', () => {
    for (const others of ['Silent', 'Suspect'] as const) {
      const rig = tell(rigOf(one), { a: 'Silent', b: others, c: others });
      expect([rig.holder(VIP), rig.moves]).toEqual(['a', []]);
    }
  });

  it('keeps it where the only other node may not take it', () => {
    const rig = rigOf(one).settle('b', { maintenance: true }).settle('c', { maintenance: true });
    expect(tell(rig, { a: 'Silent' }).moves).toEqual([]);
  });

  it('keeps it while nobody else knows that the network is well', () => {
    expect(tell(rigOf(one), { a: 'Silent' }).moves).toEqual([]);
    expect(tell(rigOf(one), { a: 'Silent', b: 'Unknown' }).moves).toEqual([]);
    expect(tell(rigOf(one), { a: 'Silent', b: 'Alone' }).moves).toHaveLength(1);
  });

  it('has it back after the failback delay, not before', () => {
    const rig = tell(rigOf(one), { a: 'Silent', b: 'Answered' });
    rig.run(60_000);
    rig.change('a', { reach: [{ interface: 's0', state: 'Answered' }], stableSince: monotonic(rig.now) });
    expect(rig.run(29_000).holder(VIP)).not.toBe('a');
    expect(rig.run(2_000).holder(VIP)).toBe('a');
  });

  it('never moves a VIP to a silent node, nor from one that is answered', () => {
    const states = fc.tuple(...NODES.map(() => fc.constantFrom(...STATES)));
    fc.assert(
      fc.property(fc.array(states, { maxLength: 6 }), (steps) => {
        const rig = rigOf({ ...one, failback: { policy: 'Never', delayMs: 0 } });
        for (const step of steps) {
          const before = rig.moves.length;
          const holder = rig.holder(VIP) ?? '';
          tell(rig, Object.fromEntries(NODES.map((node, index) => [node, step[index]])));
          const stateOf = (node: string | undefined): ReachState | undefined =>
            step[NODES.findIndex((x) => x === node)];
          for (const { to } of rig.moves.slice(before)) {
            expect(stateOf(holder)).toBe('Silent');
            expect(['Alone', 'Unknown', 'Answered']).toContain(stateOf(to));
            expect(step.some((state) => state === 'Alone' || state === 'Answered')).toBe(true);
          }
          expect(rig.holder(VIP)).toBeDefined();
        }
      }),
      { numRuns: 60 },
    );
  });
});

it('an interface without a VIP of the pool does not matter', () => {
  const rig = rigOf(byName);
  rig.change('a', {
    interfaces: [link(), link({ name: 's1', addresses: [] })],
    reach: [{ interface: 's1', state: 'Silent' }],
  });
  expect(rig.step().moves).toEqual([]);
});
