import { expect, it } from '@jest/globals';
import { lease, n, nodeEntry, term } from '../testing/core-builders.ts';
import { isUnsettled } from './commitments.ts';
import { controllerId } from './ids.ts';
import { judge, noVerdicts, type PeerTable, reported } from './lease-verdicts.ts';
import type { LeaseName } from './messages.ts';
import type { NodeEntry } from './node-table.ts';
import type { KnownLease } from './peer-messages.ts';
import { monotonic } from './time.ts';
import { abstentionMs, TIMING_PROFILES } from './timing.ts';

const A = abstentionMs(TIMING_PROFILES.Default);
const NOW = 20_000;
const REIGN = term(5);
const NODE = n('node-1');
const [c2, c3] = [controllerId('c2'), controllerId('c3')];
const [first, second] = [lease('life-1', 1), lease('life-1', 2)];
const [other, third] = [lease('life-2', 1), lease('life-3', 1)];

/** Leases of earlier lives, then of the last one: what a controller may have heard of a node. */
type History = readonly LeaseName[];
const HISTORIES: readonly History[] = [
  [],
  [first],
  [second],
  [other],
  [first, other],
  [second, other],
  [other, third],
  [first, other, third],
];

const told = (history: History, revoked: boolean): KnownLease[] =>
  history.map((one, index) => ({
    node: NODE,
    lease: one,
    revoked: revoked || index < history.length - 1,
    restored: 0,
    knocking: false,
    holds: [],
  }));

const report = (leases: readonly KnownLease[], since: number, freshUntil: number): PeerTable | undefined =>
  reported(undefined, 'name', leases, monotonic(freshUntil), monotonic(since));

/** Our own entries for a node that is silent for long. */
function entriesOf(history: History): (NodeEntry | undefined)[] {
  const last = history.at(-1);
  if (!last) return [undefined];
  const silent = {
    lease: last,
    past: history.slice(0, -1),
    lastHeard: monotonic(NOW - 5 * A),
    session: undefined,
    gone: 'lease-ended',
  } as const;
  return [
    nodeEntry(NODE, silent),
    nodeEntry(NODE, { ...silent, restored: { term: REIGN, number: 1 } }),
    nodeEntry(NODE, { ...silent, gone: 'said-goodbye', applied: undefined }),
  ];
}

interface Case {
  readonly own: NodeEntry | undefined;
  /** Heard by the one that reports on. */
  readonly there: History;
  /** Heard by the one that was lost. */
  readonly lost: History;
  readonly inherited: readonly KnownLease[];
}

/** @param revoked by voters: whether they said so when they voted */
function* cases(revoked: readonly boolean[]): Generator<Case> {
  for (const mine of HISTORIES) {
    for (const own of entriesOf(mine)) {
      for (const there of HISTORIES) {
        for (const lost of HISTORIES) {
          for (const [here, other] of revoked.flatMap((one) => revoked.map((two) => [one, two] as const))) {
            const ours = told(mine, here);
            yield { own, there, lost, inherited: [...ours, ...told(there, other)] };
            yield { own, there, lost, inherited: [...ours, ...told(lost, other)] };
            yield { own, there, lost, inherited: [...ours, ...told(there, here), ...told(lost, other)] };
          }
        }
      }
    }
  }
}

/** Whether the node keeps VIPs waiting. */
function blocks({ own, inherited }: Case, since: number, two?: PeerTable, three?: PeerTable): boolean {
  const peers = new Map([...(two ? [[c2, two] as const] : []), ...(three ? [[c3, three] as const] : [])]);
  const verdicts = { ...noVerdicts(inherited, monotonic(since)), peers };
  const table = new Map(own ? [[NODE, own]] : []);
  const { nodes } = judge(table, verdicts, [c2, c3], 2, REIGN, A, monotonic(NOW));
  return [...nodes.values()].some((entry) => entry.gone === 'no' && isUnsettled(entry, undefined, REIGN));
}

const textOf = ({ own, there, lost, inherited }: Case): string =>
  JSON.stringify({ own: own && [own.gone, own.past, own.lease], there, lost, inherited });

/** A dead node, and one of three controllers is lost as well. */
it('whatever they heard of it, it keeps nobody waiting for longer than A once the others have revoked what they know', () => {
  const since = NOW - A;
  const found = new Set<string>();
  let count = 0;
  for (const one of cases([false, true])) {
    const two = report(told(one.there, true), since, NOW + 100);
    for (const last of [undefined, true, false]) {
      const three = last === undefined ? undefined : report(told(one.lost, last), since, NOW - 100);
      count++;
      if (blocks(one, since, two, three)) found.add(textOf(one));
    }
  }
  expect(count).toBeGreaterThan(10_000);
  expect([...found]).toEqual([]);
});

it('nor at all under a master that is elected after that', () => {
  const found = [...cases([true])].filter((one) => !one.own?.restored && blocks(one, NOW)).map(textOf);
  expect(found).toEqual([]);
});
