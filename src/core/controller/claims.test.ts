import { describe, expect, it } from '@jest/globals';
import { applied, controllerConfig, held, lease, n, nodeEntry, pool, term, v } from '../../testing/core-builders.ts';
import { controllerId } from '../ids.ts';
import { noVerdicts, type Verdicts } from '../lease-verdicts.ts';
import { newMaster } from '../master.ts';
import type { NodeEntry } from '../node-table.ts';
import type { KnownLease } from '../peer-messages.ts';
import { monotonic } from '../time.ts';
import { claimed, heldForCertain, heldWithoutLease, isFromBefore, isUpheld } from './claims.ts';
import { type ControllerState, initialController } from './controller-state.ts';

const NOW = monotonic(10_000);
const reign = term(5);
const [first, second] = [v('192.0.2.1'), v('192.0.2.2')];
const config = controllerConfig();

const stateOf = (...entries: readonly NodeEntry[]): ControllerState => ({
  ...initialController(NOW, config, undefined),
  nodes: new Map(entries.map((entry) => [entry.node, entry])),
});

const holding = (node: string, vip = first): NodeEntry =>
  nodeEntry(node, { lastHeard: NOW, applied: applied(node, { term: reign, held: [held(vip)] }) });

const known = (revoked: boolean): KnownLease => ({
  node: n('node-1'),
  lease: lease('life-of-node-1'),
  revoked,
  restored: 0,
  knocking: false,
  holds: [],
});

describe('what a node holds for certain', () => {
  const own = lease('life-of-node-1');
  const master = (sent: number) => ({ ...newMaster(reign), versions: new Map([[n('node-1'), sent]]) });
  const node = (version: number, told = reign): NodeEntry => {
    const refused = [{ vip: second, reason: 'AddressInUse', message: '' }] as const;
    return nodeEntry('node-1', {
      applied: applied('node-1', { term: told, version, held: [held(first)], refused }),
    });
  };

  it('is known of one that has passed over everything it was sent, with what it may still try to bind', () => {
    expect(heldForCertain(node(8), own, master(7))).toEqual([first, second]);
  });

  it.each([
    ['may still obey what is on its way', node(7), own],
    ['told so in an earlier reign', node(8, term(4)), own],
    ['told so under another lease', node(8), lease('life-of-node-1', 2)],
    ['never told anything', undefined, own],
  ])('is not known of one that %s', (_, entry, name) => {
    expect(heldForCertain(entry, name, master(7))).toBeUndefined();
  });
});

describe('a lease that was revoked before the reign', () => {
  const own = lease('life-of-node-1');

  it('is one that some voter had revoked', () => {
    expect(isFromBefore(noVerdicts([known(false), known(true)], NOW), n('node-1'), own)).toBe(true);
    expect(isFromBefore(noVerdicts([known(false)], NOW), n('node-1'), own)).toBe(false);
    expect(isFromBefore(noVerdicts([known(true)], NOW), n('node-1'), lease('life-of-node-1', 2))).toBe(false);
  });

  it('was a false alarm where so many uphold it that no majority can have revoked it', () => {
    const table = (id: string, revoked: boolean, freshUntil: number) =>
      [
        controllerId(id),
        {
          name: id,
          leases: new Map([[n('node-1'), [known(revoked)]]]),
          since: NOW,
          droppedAt: new Map(),
          freshUntil: monotonic(freshUntil),
        },
      ] as const;
    const upheld = (...peers: readonly ReturnType<typeof table>[]): boolean => {
      const verdicts: Verdicts = { ...noVerdicts([known(true)], NOW), peers: new Map(peers) };
      return isUpheld(verdicts, n('node-1'), own, NOW, config);
    };
    expect(upheld(table('c2', false, 11_000), table('c3', false, 11_000))).toBe(true);
    expect(upheld(table('c2', false, 11_000), table('c3', true, 11_000))).toBe(false);
    expect(upheld(table('c2', false, 11_000), table('c3', false, 9_000))).toBe(false);
  });
});

describe('what a node without a lease goes on with', () => {
  it('is what it reported, and unknown before it says that it has no lease', () => {
    const entry = holding('node-1');
    expect(heldWithoutLease({ ...entry, leaseValid: false }, entry.lease)).toEqual([first]);
    expect(heldWithoutLease(entry, entry.lease)).toBeUndefined();
    expect(heldWithoutLease({ ...entry, leaseValid: false, applied: undefined }, entry.lease)).toBeUndefined();
    expect(heldWithoutLease({ ...entry, leaseValid: false }, lease('life-of-node-1', 2))).toBeUndefined();
  });
});

describe('what nodes with a lease may hold', () => {
  const master = newMaster(reign);
  const verdicts = noVerdicts([], NOW);

  it('is unknown while one of them has confirmed nothing under this term', () => {
    expect(claimed(stateOf(holding('node-1')), verdicts, master, NOW, config)).toBeUndefined();
  });

  it('is what they reported without a lease, and what they were sent', () => {
    const waiting = { ...holding('node-1'), leaseValid: false };
    const vip = { vip: second, pool: pool().name, interface: 's0', prefixLength: 32, announce: pool().announce };
    const commitment = {
      lease: lease('life-of-node-2'),
      session: 1,
      version: 1,
      vips: new Map([[second, vip]]),
      holdPools: [],
      settled: true,
      possible: new Set([second]),
      resumed: false,
    };
    const sent = { ...master, commitments: new Map([[n('node-2'), commitment]]) };
    const state = stateOf(waiting, nodeEntry('node-2', { lastHeard: NOW }));
    expect([...(claimed(state, verdicts, sent, NOW, config) ?? [])]).toEqual([first, second]);
  });
});
