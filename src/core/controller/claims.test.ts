import { describe, expect, it } from '@jest/globals';
import {
  applied,
  controllerConfig,
  electorate,
  held,
  lease,
  n,
  nodeEntry,
  pool,
  term,
  v,
} from '../../testing/core-builders.ts';
import type { Commitment } from '../commitments.ts';
import { controllerId, type NodeName, type VipAddress } from '../ids.ts';
import { leaseKey } from '../lease-name.ts';
import { noVerdicts, type Verdicts } from '../lease-verdicts.ts';
import { type MasterState, newMaster } from '../master.ts';
import type { NodeEntry } from '../node-table.ts';
import type { KnownLease } from '../peer-messages.ts';
import { monotonic } from '../time.ts';
import { claimsOf, heldAlone, heldForCertain, heldWithoutLease, isFromBefore, isUpheld } from './claims.ts';
import { type ControllerState, initialController } from './controller-state.ts';

const NOW = monotonic(10_000);
const reign = term(5);
const [first, second] = [v('192.0.2.1'), v('192.0.2.2')];
const config = controllerConfig();
const acquainted = { ...initialController(NOW, config, undefined), electorate: electorate(3) };

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

  it('is what it goes on with where it was sent nothing in this reign', () => {
    const waiting = { ...node(8, term(4)), leaseValid: false };
    expect(heldForCertain(waiting, own, newMaster(reign))).toEqual([first]);
    expect(heldForCertain({ ...waiting, session: undefined }, own, newMaster(reign))).toBeUndefined();
    expect(heldForCertain(waiting, own, master(0))).toBeUndefined();
    expect(heldForCertain(node(8, term(4)), own, newMaster(reign))).toBeUndefined();
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
  const upheld = (state: ControllerState, ...peers: readonly ReturnType<typeof table>[]): boolean => {
    const verdicts: Verdicts = { ...noVerdicts([known(true)], NOW), peers: new Map(peers) };
    return isUpheld(state, verdicts, n('node-1'), own, NOW, config);
  };

  it('is one that some voter had revoked', () => {
    expect(isFromBefore(noVerdicts([known(false), known(true)], NOW), n('node-1'), own)).toBe(true);
    expect(isFromBefore(noVerdicts([known(false)], NOW), n('node-1'), own)).toBe(false);
    expect(isFromBefore(noVerdicts([known(true)], NOW), n('node-1'), lease('life-of-node-1', 2))).toBe(false);
  });

  it('was a false alarm where so many uphold it that no majority can have revoked it', () => {
    expect(upheld(acquainted, table('c2', false, 11_000), table('c3', false, 11_000))).toBe(true);
    expect(upheld(acquainted, table('c2', false, 11_000), table('c3', true, 11_000))).toBe(false);
    expect(upheld(acquainted, table('c2', false, 11_000), table('c3', false, 9_000))).toBe(false);
  });

  it('may have been revoked by those that have left, where it rests on an electorate with them', () => {
    const restingOn = (version: number): ControllerState => ({
      ...stateOf(nodeEntry('node-1', { electorate: version })),
      electorate: { ...electorate(2), version: 2 },
    });
    const uphold = table('c2', false, 11_000);
    expect(upheld(restingOn(2), uphold)).toBe(true);
    expect(upheld(restingOn(1), uphold)).toBe(false);
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

  it('is unknown once its stream has ended: others may have given it a lease since', () => {
    const entry = { ...holding('node-1'), leaseValid: false };
    expect(heldWithoutLease({ ...entry, session: undefined }, entry.lease)).toBeUndefined();
  });
});

describe('a node may have its lease back where nobody else may hold what it does', () => {
  const master = newMaster(reign);
  const over = new Set([leaseKey(n('node-3'), lease('life-of-node-3'))]);
  const verdicts: Verdicts = { ...noVerdicts([], NOW), over };
  const waiting = { ...holding('node-1'), leaseValid: false };
  const address = { interface: 's0', prefixLength: 32, announce: pool().announce };
  const sent = (name: string, vip: VipAddress): readonly [NodeName, Commitment] => [
    n(name),
    {
      lease: lease(`life-of-${name}`),
      session: 1,
      version: 1,
      vips: new Map([[vip, { vip, pool: pool().name, ...address }]]),
      holdPools: [],
      settled: true,
      possible: new Set([vip]),
      resumed: false,
    },
  ];
  const alone = (
    entry: NodeEntry,
    others: readonly NodeEntry[] = [],
    commitments: MasterState['commitments'] = new Map(),
  ): readonly VipAddress[] | undefined => {
    const claims = claimsOf(stateOf(entry, ...others), verdicts, { ...master, commitments }, NOW, config);
    return heldAlone(entry, entry.lease, claims);
  };

  it('as it reports, whatever becomes of nodes whose leases are over', () => {
    const dead = nodeEntry('node-3', { gone: 'lease-ended', applied: undefined });
    expect(alone(waiting, [dead])).toEqual([first]);
  });

  it('not while a node with a lease has confirmed nothing under this term', () => {
    expect(alone(waiting, [holding('node-2', second)])).toBeUndefined();
    expect(alone(waiting, [{ ...holding('node-2', second), leaseValid: false }])).toEqual([first]);
  });

  it('not where another one holds some of it, or was sent it', () => {
    expect(alone(waiting, [{ ...holding('node-2'), leaseValid: false }])).toBeUndefined();
    const node = nodeEntry('node-2', { lastHeard: NOW });
    expect(alone(waiting, [node], new Map([sent('node-2', first)]))).toBeUndefined();
    expect(alone(waiting, [node], new Map([sent('node-2', second)]))).toEqual([first]);
  });

  it('also where a majority has acknowledged it already: what it was sent itself is no claim of another one', () => {
    const leased = nodeEntry('node-1', { lastHeard: NOW });
    expect(alone(leased, [], new Map([sent('node-1', first)]))).toEqual([first]);
    expect(alone(leased)).toBeUndefined();
  });

  it('not in another life', () => {
    const [entry, lost] = [holding('node-1'), lease('former-life')];
    const claims = claimsOf(
      stateOf(entry),
      verdicts,
      { ...master, commitments: new Map([sent('node-1', first)]) },
      NOW,
      config,
    );
    expect(heldAlone(entry, lost, claims)).toBeUndefined();
  });
});
