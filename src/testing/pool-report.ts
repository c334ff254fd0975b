import type { PoolReport } from '../core/controller/status-report.ts';
import { poolName } from '../core/ids.ts';
import type { BindingView } from '../core/pool-view.ts';
import { Reason } from '../core/reasons.ts';
import { electorate, n, term, v } from './core-builders.ts';

/** A VIP on node-1, its home. */
export const boundAt = (vip: string, over: Partial<BindingView> = {}): BindingView => ({
  vip: v(vip),
  node: n('node-1'),
  home: n('node-1'),
  interface: 's0',
  state: 'Bound',
  reason: Reason.PlacedAtHome,
  ...over,
});

/** Generation 3 of a pool `nas` in term 2; without bindings, no version of it was ever valid. */
export const poolReport = (
  bindings: readonly BindingView[] | undefined,
  over: Partial<PoolReport> = {},
): PoolReport => ({
  manifest: {
    name: poolName('nas'),
    uid: 'uid',
    generation: 3,
    createdAt: '2026-01-01T00:00:00.000Z',
    deleting: false,
    spec: {},
    status: undefined,
  },
  view: bindings && {
    pool: poolName('nas'),
    generation: 3,
    term: term(2),
    readyNodes: 3,
    bindings,
    refusals: [],
    rivals: [],
    holdingOn: [],
  },
  problems: [],
  conflicts: [],
  degraded: undefined,
  networks: [],
  moves: [],
  moved: [],
  electorate: electorate(3),
  changeWaitsFor: undefined,
  term: term(2),
  ...over,
});
