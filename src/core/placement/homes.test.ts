import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { n, v, vips } from '../../testing/core-builders.ts';
import { assignHomes as assign } from './homes.ts';
import { makeRoster, type RosterNode } from './roster.ts';
import { unitsOf } from './units.ts';
import type { NodeName, VipAddress } from '../ids.ts';

const nodes = (count: number): NodeName[] => Array.from({ length: count }, (_, i) => n(`node-${i + 1}`));
const spread = (homes: ReadonlyMap<VipAddress, NodeName>, members: readonly NodeName[]): number => {
  const load = members.map((member) => [...homes.values()].filter((home) => home === member).length);
  return Math.max(...load) - Math.min(...load);
};
const homeNode = (node: NodeName): RosterNode => ({ node, weight: 100, preference: 0, zone: undefined });
interface Given {
  readonly vips: readonly VipAddress[];
  readonly members: readonly NodeName[];
  readonly explicit: ReadonlyMap<VipAddress, NodeName>;
  readonly previous: ReadonlyMap<VipAddress, NodeName>;
}
const assignHomes = ({ vips, members, ...rest }: Given): Map<VipAddress, NodeName> =>
  assign({ ...rest, units: unitsOf(vips, []), roster: makeRoster(members.map(homeNode)), maxPerNode: undefined });
const none = new Map<VipAddress, NodeName>();

describe('homes', () => {
  it('differ by at most one, whatever was before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.nat(9)),
        (count, size, old) => {
          const members = nodes(size);
          const all = vips(count);
          const previous = new Map(old.slice(0, count).map((index, i) => [all[i] ?? v('x'), n(`node-${index + 1}`)]));
          const homes = assignHomes({ vips: all, members, explicit: none, previous });
          expect(homes.size).toBe(count);
          expect(spread(homes, members)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('do not depend on the order of members', () => {
    const input = { vips: vips(20), explicit: none, previous: none };
    const forward = assignHomes({ ...input, members: nodes(5) });
    const backward = assignHomes({ ...input, members: nodes(5).reverse() });
    expect([...backward].sort()).toEqual([...forward].sort());
  });

  it('stay when a node joins, apart from the fair share of the new one', () => {
    const previous = assignHomes({ vips: vips(30), members: nodes(3), explicit: none, previous: none });
    const after = assignHomes({ vips: vips(30), members: nodes(4), explicit: none, previous });
    const changed = vips(30).filter((vip) => previous.get(vip) !== after.get(vip));
    expect(changed.map((vip) => after.get(vip))).toEqual(Array.from({ length: 7 }, () => n('node-4')));
  });

  it('of a removed member are shared by the others, the rest stays', () => {
    const previous = assignHomes({ vips: vips(30), members: nodes(3), explicit: none, previous: none });
    const after = assignHomes({ vips: vips(30), members: nodes(2), explicit: none, previous });
    for (const vip of vips(30)) {
      if (previous.get(vip) !== n('node-3')) expect(after.get(vip)).toBe(previous.get(vip));
    }
    expect(spread(after, nodes(2))).toBeLessThanOrEqual(1);
  });

  it('are the explicit ones first, also of a node that does not exist yet', () => {
    const explicit = new Map([
      [v('192.0.2.1'), n('node-2')],
      [v('192.0.2.2'), n('later')],
    ]);
    const homes = assignHomes({ vips: vips(2), members: nodes(2), explicit, previous: none });
    expect([...homes]).toEqual([...explicit]);
  });
});
