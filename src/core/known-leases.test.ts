import { describe, expect, it } from '@jest/globals';
import { applied, lease, n, nodeEntry, term } from '../testing/core-builders.ts';
import { knownLeases, recalledTable, tellsMore } from './known-leases.ts';
import { endSilentLeases, type NodeEntry, nodeSaidHello, type NodeTable } from './node-table.ts';
import { monotonic } from './time.ts';
import { TIMING_PROFILES } from './timing.ts';

const timing = TIMING_PROFILES.Default;
const at = monotonic;
const ENTRY = nodeEntry('node-1', { lease: lease('life-2', 3), past: [lease('life-1', 7)] });
const tableOf = (entry: NodeEntry): NodeTable => new Map([[entry.node, entry]]);
const told = (entry: NodeEntry, asking = term(5), now = 0) => knownLeases(tableOf(entry), asking, at(now), timing);

describe('what a controller tells of a node', () => {
  it('is its lease, after those of its earlier lives, all of which it has revoked', () => {
    expect(told(ENTRY)).toEqual([
      { node: 'node-1', lease: lease('life-1', 7), revoked: true, restored: 0, knocking: false, holds: [] },
      { node: 'node-1', lease: lease('life-2', 3), revoked: false, restored: 0, knocking: false, holds: [] },
    ]);
  });

  it.each(['lease-ended', 'said-goodbye'] as const)('says that a lease that is "%s" is revoked', (gone) => {
    expect(told({ ...ENTRY, gone }).at(-1)).toMatchObject({ revoked: true });
  });

  it('names a restoration only to the master that ordered it', () => {
    const entry = { ...ENTRY, restored: { term: term(5), number: 2 } };
    expect(told(entry).at(-1)).toMatchObject({ restored: 2 });
    expect(told(entry, term(6)).at(-1)).toMatchObject({ restored: 0 });
    expect(knownLeases(tableOf(entry), undefined, at(0), timing).at(-1)).toMatchObject({ restored: 0 });
  });

  it('says that a refused node knocks, for three heartbeats', () => {
    const entry: NodeEntry = { ...ENTRY, gone: 'lease-ended', knockedAt: at(1_000) };
    expect(told(entry, term(5), 1_599).at(-1)).toMatchObject({ knocking: true, holds: [] });
    expect(told(entry, term(5), 1_600).at(-1)).toMatchObject({ knocking: false, holds: [] });
    expect(told({ ...entry, gone: 'no' }, term(5), 1_001).at(-1)).toMatchObject({ knocking: false, holds: [] });
  });
});

describe('other controllers hear of', () => {
  const tells = (over: Partial<NodeEntry>, before = ENTRY): boolean =>
    tellsMore(before, { ...before, ...over }, at(1_000), timing);

  it.each<[string, Partial<NodeEntry>]>([
    ['a revocation', { gone: 'lease-ended' }],
    ['another epoch', { lease: lease('life-2', 4) }],
    ['a restoration', { restored: { term: term(5), number: 1 } }],
    ['another life', { past: [lease('life-1', 7), lease('life-2', 3)] }],
  ])('%s', (_, over) => {
    expect(tells(over)).toBe(true);
  });

  it('a node that is new, and one that begins to knock', () => {
    expect(tellsMore(undefined, ENTRY, at(0), timing)).toBe(true);
    const refused: NodeEntry = { ...ENTRY, gone: 'lease-ended' };
    expect(tells({ knockedAt: at(900) }, refused)).toBe(true);
    expect(tells({ knockedAt: at(1_000) }, { ...refused, knockedAt: at(900) })).toBe(false);
  });

  it('no heartbeat, no report and no health: that is between the agent and each of them', () => {
    expect(tells({ lastHeard: at(999), highestTerm: term(5), applied: applied('node-1'), session: 7 })).toBe(false);
  });
});

describe('what an earlier run wrote down', () => {
  const again = recalledTable(told({ ...ENTRY, gone: 'lease-ended' }), at(5_000));

  it('is told again as it was', () => {
    expect(knownLeases(again, term(5), at(5_000), timing)).toEqual(told({ ...ENTRY, gone: 'lease-ended' }));
  });

  it('counts what was not revoked as acknowledged just now', () => {
    const known = recalledTable(told(ENTRY), at(5_000));
    expect(endSilentLeases(known, at(6_109), timing).ended).toEqual([]);
    expect(endSilentLeases(known, at(6_110), timing).ended).toEqual(['node-1']);
  });

  it('keeps a revoked lease out', () => {
    const hello = {
      machineId: '',
      bootId: 'b',
      leaseHeldMs: 0,
      labels: {},
      agentVersion: '',
      witnessAddress: '',
      answersMulticast: false,
    };
    const electorate = undefined;
    const back = nodeSaidHello(
      again,
      { ...hello, electorate, node: n('node-1'), lease: lease('life-2', 3) },
      1,
      at(5_001),
    );
    expect(back?.get(n('node-1'))?.gone).toBe('lease-ended');
  });
});
