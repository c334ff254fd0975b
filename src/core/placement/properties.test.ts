/** Placement against a reference that only counts: slow, obvious, and it shares nothing with the board. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Topology, topologies } from '../../testing/topologies.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import { Reason } from '../reasons.ts';
import { assignHomes } from './homes.ts';
import { place, type Placed } from './place.ts';
import { makeRoster } from './roster.ts';

const RUNS = 10_000;

type Result = ReadonlyMap<VipAddress, Placed>;
type Where = ReadonlyMap<VipAddress, NodeName>;

const whereIn = (result: Result): Map<VipAddress, NodeName> =>
  new Map([...result].flatMap(([vip, { node }]) => (node === undefined ? [] : [[vip, node] as const])));

const nodeOf = ({ nodes }: Topology, name: NodeName | undefined) => nodes.find(({ node }) => node === name);

const mayHold = (given: Topology, vip: VipAddress, name: NodeName): boolean => {
  const node = nodeOf(given, name);
  return node !== undefined && node.unfit === undefined && given.obstacle?.(name, vip) === undefined;
};

/** Whether these VIPs may come to a node, when all others are where they are. */
function mayCome(given: Topology, where: Where, moving: readonly VipAddress[], name: NodeName): boolean {
  if (nodeOf(given, name)?.closed !== undefined || !moving.every((vip) => mayHold(given, vip, name))) return false;
  const there = given.vips.filter((vip) => where.get(vip) === name && !moving.includes(vip));
  if (there.length + moving.length > (given.maxPerNode ?? Infinity)) return false;
  return !given.groups.some(
    ({ policy, members }) =>
      policy === 'Apart' && members.some((vip) => moving.includes(vip)) && members.some((vip) => there.includes(vip)),
  );
}

/** What a unit costs on a node: compared from left to right, lower is better. */
function costs(given: Topology, where: Where, moving: readonly VipAddress[], name: NodeName, usesDeclared = false) {
  const node = nodeOf(given, name);
  const others = given.vips.filter((vip) => !moving.includes(vip));
  const here = others.filter((vip) => where.get(vip) === name).length;
  const zone = others.filter((vip) => node?.zone !== undefined && nodeOf(given, where.get(vip))?.zone === node.zone);
  const weight = (usesDeclared ? node?.weight : node?.effectiveWeight) ?? 0;
  return [-(node?.preference ?? 0), zone.length, (here + moving.length / 2) / weight] as const;
}

function isCheaper(a: readonly number[], b: readonly number[]): boolean {
  for (const [i, cost] of a.entries()) {
    const other = b[i] ?? 0;
    if (Math.abs(cost - other) > 1e-9) return cost < other;
  }
  return false;
}

/** VIPs that a node held when placement began, without these. */
const guestsOf = (given: Topology, without: readonly VipAddress[], name: NodeName): VipAddress[] =>
  given.vips.filter((vip) => given.holders.get(vip) === name && !without.includes(vip));

/** Whether this can be why VIPs that a node could have kept went from there to another. */
function isCause(
  given: Topology,
  vips: readonly VipAddress[],
  holder: NodeName,
  node: NodeName,
  reason: Reason,
  home: NodeName | undefined,
  where: Where,
): boolean {
  const automatic = given.failback.policy === 'Automatic';
  const [from, to] = [nodeOf(given, holder), nodeOf(given, node)];
  const isIn = (members: readonly VipAddress[]): boolean => members.some((vip) => vips.includes(vip));
  // Others may have come home meanwhile.
  const cameThere = given.vips.filter((vip) => !vips.includes(vip) && where.get(vip) === holder);
  const lodgers = [...guestsOf(given, vips, holder), ...cameThere];
  const causes: Partial<Record<Reason, () => boolean>> = {
    [Reason.Failback]: () =>
      node === home && ((automatic && to?.stable === true) || vips.some((vip) => given.failbackAsked.has(vip))),
    [Reason.NodeDegraded]: () => from !== undefined && from.effectiveWeight < from.weight && to?.stable === true,
    [Reason.Rebalanced]: () => automatic && holder !== home && to?.stable === true,
    [Reason.ZoneSpread]: () => automatic && holder !== home && from?.zone !== to?.zone,
    [Reason.PreferredNode]: () => automatic && holder !== home && (to?.preference ?? 0) > (from?.preference ?? 0),
    [Reason.HomeOfOther]: () => holder !== home && given.vips.some((vip) => given.homes.get(vip) === holder),
    [Reason.OverLimit]: () => {
      // Groups gather where most of them is.
      const units = given.units.filter((unit) => unit.vips.some((vip) => lodgers.includes(vip)));
      return units.flatMap((unit) => unit.vips).length + vips.length > (given.maxPerNode ?? Infinity);
    },
    [Reason.GroupTogether]: () => vips.length > 1,
    [Reason.GroupApart]: () => {
      const rivals = given.groups.flatMap(({ policy, members }) =>
        policy === 'Apart' && isIn(members) ? members : [],
      );
      const units = given.units.filter((unit) => unit.vips.some((vip) => rivals.includes(vip)));
      return units.some((unit) => unit.vips.some((vip) => lodgers.includes(vip)));
    },
  };
  return causes[reason]?.() ?? false;
}

const isSame = (a: Where, b: Where): boolean => a.size === b.size && [...a].every(([vip, node]) => b.get(vip) === node);

const check = (property: (given: Topology) => void): void => {
  fc.assert(fc.property(topologies, property), { numRuns: RUNS });
};

describe('placement, on random topologies', () => {
  it('groups, limits and obstacles hold for whatever is not told to be stranded', () => {
    check((given) => {
      const result = place(given);
      const placed = given.vips.filter((vip) => result.get(vip)?.stranded !== true);
      const at = (vip: VipAddress): NodeName | undefined => result.get(vip)?.node;
      const isFine = (node: NodeName | undefined, vip: VipAddress): boolean =>
        node !== undefined && mayHold(given, vip, node);
      expect(placed.every((vip) => isFine(at(vip), vip))).toBe(true);
      for (const { node } of given.nodes) {
        const count = placed.filter((vip) => at(vip) === node).length;
        expect(count).toBeLessThanOrEqual(given.maxPerNode ?? Infinity);
      }
      for (const { policy, members } of given.groups) {
        const free = members.filter((vip) => placed.includes(vip));
        const nodes = new Set(free.map(at));
        if (policy === 'Apart') expect(nodes.size).toBe(free.length);
        else
          expect([
            [0, 0],
            [1, members.length],
          ]).toContainEqual([nodes.size, free.length]);
      }
    });
  });

  it('strands only what no node may take, and leaves it with its holder', () => {
    check((given) => {
      const result = place(given);
      const where = whereIn(result);
      for (const { vips } of given.units) {
        if (vips.some((vip) => result.get(vip)?.stranded !== true)) continue;
        expect(given.nodes.filter(({ node }) => mayCome(given, where, vips, node))).toEqual([]);
        for (const vip of vips) expect(result.get(vip)?.node).toBe(given.holders.get(vip));
      }
    });
  });

  it('moves nothing without a cause, and tells the right one', () => {
    check((given) => {
      const result = place(given);
      const where = whereIn(result);
      for (const { vips } of given.units) {
        for (const vip of vips) {
          const { node, reason, stranded } = result.get(vip) ?? { node: undefined, reason: undefined };
          const holder = given.holders.get(vip);
          if (stranded) continue;
          if ((reason === Reason.Kept) !== (node === holder)) expect([reason, node]).toEqual([Reason.Kept, holder]);
          if (holder === undefined || node === undefined || node === holder || reason === undefined) continue;
          const own = nodeOf(given, holder)?.unfit ?? given.obstacle?.(holder, vip);
          if (own !== undefined) expect(reason).toBe(own);
          else {
            const isTrue = isCause(given, vips, holder, node, reason, given.homes.get(vip), where);
            expect([reason, isTrue]).toEqual([reason, true]);
          }
        }
      }
    });
  });

  it('no VIP that may move would be better off elsewhere', () => {
    check((given) => {
      const result = place(given);
      const where = whereIn(result);
      for (const { vips } of given.units) {
        const [vip] = vips;
        if (vip === undefined || vips.some((member) => result.get(member)?.stranded)) continue;
        const at = where.get(vip);
        const node = nodeOf(given, at);
        if (at === undefined || !node) continue;
        const isDegraded = node.effectiveWeight < node.weight;
        if (!isDegraded && (given.failback.policy !== 'Automatic' || at === given.homes.get(vip))) continue;
        const others = given.nodes.filter((other) => other.stable && mayCome(given, where, vips, other.node));
        const here = costs(given, where, vips, at);
        const better = others.filter((other) => isCheaper(costs(given, where, vips, other.node), here));
        expect(better.length).toBe(0);
      }
    });
  });

  it('places its own result the same again, and says that nothing moves', () => {
    check((given) => {
      const first = place(given);
      const again = place({ ...given, holders: whereIn(first) });
      const changed = given.vips.filter((vip) => {
        const next = again.get(vip);
        return next?.node !== first.get(vip)?.node || (!next?.stranded && next?.reason !== Reason.Kept);
      });
      expect(changed.length).toBe(0);
    });
  });

  it('decides the same, whatever the order in which things became known', () => {
    const backward = <K, V>(map: ReadonlyMap<K, V>): Map<K, V> => new Map([...map].reverse());
    check((given) => {
      const shuffled = {
        ...given,
        holders: backward(given.holders),
        homes: backward(given.homes),
        otherLoad: () => backward(given.otherLoad()),
      };
      expect(place(shuffled)).toEqual(place(given));
    });
  });

  it('brings everything home after a recovery', () => {
    check((topology) => {
      const given = { ...topology, failback: { policy: 'Automatic', delayMs: 0 } as const, obstacle: undefined };
      const well = given.nodes.map((node) => ({
        ...node,
        effectiveWeight: node.weight,
        unfit: node.weight === 0 ? Reason.ZeroWeight : undefined,
        closed: undefined,
        stable: true,
      }));
      const before = whereIn(place({ ...given, nodes: well, holders: new Map() }));
      const left = new Map([...before].filter(([, node]) => nodeOf(given, node)?.unfit === undefined));
      const during = whereIn(place({ ...given, holders: left }));
      const after = place({ ...given, nodes: well, holders: during });
      // Groups may leave no order of moves in which each finds room, and neither may too many declared homes.
      const homes = (name: NodeName): number => [...given.homes.values()].filter((home) => home === name).length;
      if (given.groups.length > 0 || given.nodes.some(({ node }) => homes(node) > (given.maxPerNode ?? Infinity)))
        return;
      for (const [vip, node] of before) if (node === given.homes.get(vip)) expect(after.get(vip)?.node).toBe(node);
    });
  });
});

describe('homes, on random topologies', () => {
  const homesOf = (given: Topology, previous: Where): Map<VipAddress, NodeName> => assignHomes({ ...given, previous });

  it('stay as they are, obey the rules, and none of them would be better elsewhere', () => {
    check((given) => {
      expect(isSame(homesOf(given, given.homes), given.homes)).toBe(true);
      const healthy = {
        ...given,
        obstacle: undefined,
        nodes: given.nodes.map((node) => {
          return { ...node, closed: undefined, unfit: node.weight === 0 ? Reason.ZeroWeight : undefined };
        }),
      };
      // A declared home of weight 0 is never used.
      const used = new Map([...given.homes].filter(([, home]) => nodeOf(given, home)?.weight !== 0));
      for (const { vips } of given.units) {
        const [vip] = vips;
        const home = vip === undefined ? undefined : given.homes.get(vip);
        if (vips.some((member) => given.explicit.has(member))) continue;
        if (vips.length > 1) expect(new Set(vips.map((member) => given.homes.get(member))).size).toBe(1);
        const others = given.nodes.filter(({ node }) => mayCome(healthy, used, vips, node));
        if (home === undefined) {
          expect(others.length).toBe(0);
          continue;
        }
        const here = costs(healthy, used, vips, home, true);
        const better = others.filter(({ node }) => isCheaper(costs(healthy, used, vips, node, true), here));
        expect(better.length).toBe(0);
      }
    });
  });

  it('of any two nodes, each has its share of what both have, rounded', () => {
    check((given) => {
      if (given.explicit.size > 0 || given.groups.length > 0 || given.maxPerNode !== undefined) return;
      if (given.nodes.some((node) => node.preference > 0 || node.zone !== undefined)) return;
      const usable = given.nodes.filter(({ weight }) => weight > 0);
      const count = (name: NodeName): number => [...given.homes.values()].filter((home) => home === name).length;
      for (const a of usable) {
        for (const b of usable) {
          const share = ((count(a.node) + count(b.node)) * a.weight) / (a.weight + b.weight);
          expect(Math.abs(count(a.node) - share)).toBeLessThanOrEqual(0.5 + 1e-9);
        }
      }
    });
  });

  it('change as little as the shares demand', () => {
    check((given) => {
      if (given.explicit.size > 0 || given.groups.length > 0 || given.maxPerNode !== undefined) return;
      if (given.nodes.some((node) => node.preference > 0 || node.zone !== undefined)) return;
      const [gone, ...rest] = given.nodes;
      if (!gone || rest.every(({ weight }) => weight === 0)) return;
      const without = assignHomes({ ...given, roster: makeRoster(rest), previous: given.homes });
      const count = (homes: Where, name: NodeName): number =>
        [...homes.values()].filter((home) => home === name).length;
      const back = homesOf(given, without);
      // Each node that has fewer homes than before gave away exactly the difference: nothing went to and fro.
      for (const [before, after] of [
        [given.homes, without],
        [without, back],
      ] as const) {
        const changed = given.vips.filter((vip) => before.get(vip) !== after.get(vip)).length;
        const lost = given.nodes.map(({ node }) => Math.max(0, count(before, node) - count(after, node)));
        expect(changed).toBe(lost.reduce((sum, some) => sum + some, 0));
      }
    });
  });
});
