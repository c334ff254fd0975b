import type { VipPoolStatus } from '../api/types.gen.ts';
import type { PoolVerdict } from '../condition-table.ts';
import { condition } from '../conditions.ts';
import { byVotes } from '../electorate.ts';
import { ADVICE, type AdvisedReason } from '../placement/advice.ts';
import type { DoneMove } from '../move-log.ts';
import type { BindingView, PoolView } from '../pool-view.ts';
import { Reason } from '../reasons.ts';
import { MAX_HISTORY } from '../status-bounds.ts';
import { poolProgress } from './progress.ts';
import type { PoolReport } from './status-report.ts';

type Binding = NonNullable<VipPoolStatus['bindings']>[number];
type Move = NonNullable<VipPoolStatus['history']>[number];

type Ready = Extract<PoolVerdict, { readonly type: 'Ready' }>;

/** Characters of the message of one binding, and of all of them: they share one object of etcd. */
const MAX_MESSAGE = 256;
const MESSAGES_TOTAL = 131_072;

/**
 * Status of one pool. What did not change keeps its time stamps from `previous`.
 *
 * @param news moves that are not in the history of `previous`, the newest first
 */
export function poolStatus(
  report: PoolReport,
  previous: VipPoolStatus | undefined,
  wallNow: string,
  news: readonly Move[] = [],
): VipPoolStatus {
  const { manifest, view, term } = report;
  const before = new Map(previous?.bindings?.map((binding) => [binding.address, binding]));
  const room = Math.min(MAX_MESSAGE, Math.floor(MESSAGES_TOTAL / Math.max(1, view?.bindings.length ?? 1)));
  const bindings = view?.bindings.map((item) => binding(item, before.get(item.vip), term.number, wallNow, room));
  const history = [...news, ...(previous?.history ?? [])].slice(0, MAX_HISTORY);
  return {
    observedGeneration: manifest.generation,
    conditions: poolVerdicts(report).map((verdict) =>
      condition(verdict, previous?.conditions, manifest.generation, wallNow),
    ),
    total: view?.bindings.length ?? 0,
    assigned: view?.bindings.filter((item) => item.state === 'Bound').length ?? 0,
    nodes: view?.readyNodes ?? 0,
    master: term.instance.id,
    bindings: bindings ?? previous?.bindings ?? [],
    ...(history.length > 0 && { history }),
  };
}

/** What its conditions say. */
export function poolVerdicts(report: PoolReport): PoolVerdict[] {
  const { view, networks, degraded } = report;
  const isReady = ready(report);
  const always = [isReady, ...poolProgress(isReady), addressConflict(view), quorumLost(view), electorate(report)];
  return [...always, ...networks, ...(degraded ? [degraded] : [])];
}

function binding(view: BindingView, before: Binding | undefined, term: number, wallNow: string, room: number): Binding {
  const same = before !== undefined && before.node === view.node && before.state === view.state;
  // After a change of master the reason why the VIP is there is still the one on record.
  const isOnRecord = same && view.reason === Reason.Kept;
  const reason = isOnRecord ? before.reason : view.reason;
  const message = (isOnRecord ? before.message : view.message)?.slice(0, room);
  return {
    address: view.vip,
    ...(view.node === undefined ? {} : { node: view.node }),
    ...(view.home === undefined ? {} : { home: view.home }),
    ...(view.usualHome === undefined ? {} : { usualHome: view.usualHome }),
    ...(view.interface === undefined ? {} : { interface: view.interface }),
    state: view.state,
    since: same ? before.since : wallNow,
    term: same && before.term !== undefined ? before.term : term,
    reason,
    ...(message === undefined ? {} : { message }),
  };
}

/** A move as the history tells it. `wallMs` is the wall clock at `now`. */
export function moveRecord({ vip, from, to, reason, at, ...took }: DoneMove, now: number, wallMs: number): Move {
  const { detectMs, decideMs, bindMs } = took;
  return {
    time: new Date(wallMs - (now - at)).toISOString(),
    address: vip,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    reason,
    ...(detectMs === undefined ? {} : { detectMs: Math.round(detectMs) }),
    ...(decideMs === undefined ? {} : { decideMs: Math.round(decideMs) }),
    ...(bindMs === undefined ? {} : { bindMs: Math.round(bindMs) }),
  };
}

function ready(report: PoolReport): Ready {
  const type = 'Ready';
  const { manifest, view, problems, conflicts } = report;
  if (manifest.deleting) {
    return { type, status: 'False', reason: Reason.Terminating, message: 'the VIPs of this pool are being released' };
  }
  if (problems.length > 0) {
    const list = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
    const force = view ? `generation ${view.generation} stays in force` : 'what nodes hold of it stays as it is';
    return { type, status: 'False', reason: Reason.InvalidSpec, message: `${list} (${force})` };
  }
  if (conflicts.length > 0) {
    const list = conflicts.map((conflict) => `${conflict.vip} belongs to pool ${conflict.owner}`).join('; ');
    return { type, status: 'False', reason: Reason.PoolConflict, message: `${list}: remove it from one of the pools` };
  }
  return boundness(report);
}

function boundness({ view, whyNobody }: PoolReport): Ready {
  const type = 'Ready';
  const bindings = view?.bindings ?? [];
  const open = bindings.filter((item) => item.state !== 'Bound');
  if (open.length === 0) {
    return { type, status: 'True', reason: Reason.AllBound, message: `all ${bindings.length} VIPs are bound` };
  }
  const stuck = open.filter(isStuck);
  const [first] = stuck;
  if (first) {
    const message = `no node can hold ${stuckFor(stuck, view, whyNobody).join('; ')}`;
    return { type, status: 'False', reason: first.reason, message };
  }
  return { type, status: 'False', reason: Reason.Progressing, message: `not bound yet: ${names(open)}` };
}

/** Nobody will hold it until somebody does something. */
const isStuck = (binding: BindingView): binding is BindingView & { readonly reason: AdvisedReason } =>
  binding.state === 'Unassigned' && ADVICE[binding.reason] !== undefined;

/** "VIPS: why, or what to do", for each reason. */
function stuckFor(
  stuck: readonly BindingView[],
  view: PoolView | undefined,
  whyNobody: PoolReport['whyNobody'],
): string[] {
  return [...new Set(stuck.map(({ reason }) => reason))].map((reason) => {
    const items = stuck.filter((item) => item.reason === reason);
    const said = view?.refusals.filter(({ vip }) => items.some((item) => item.vip === vip)).slice(0, 3) ?? [];
    const why = said.map(({ message }) => message).join('; ');
    const unfit = reason === Reason.NoEligibleNode ? whyNobody?.() : undefined;
    return `${names(items)}: ${why === '' ? (unfit ?? ADVICE[reason]) : why}`;
  });
}

function addressConflict(view: PoolView | undefined): PoolVerdict {
  const type = 'AddressConflict';
  const refused = view?.refusals.filter(({ reason }) => reason === 'AddressConflict') ?? [];
  const told = [
    ...refused.map(({ message }) => message),
    ...(view?.rivals.map(({ vip, mac, node }) => `${mac} claims ${vip}, which ${node} holds: remove it there`) ?? []),
  ];
  if (told.length === 0) {
    return { type, status: 'False', reason: Reason.NoConflict, message: 'nobody else answers for a VIP of this pool' };
  }
  return { type, status: 'True', reason: Reason.AddressConflict, message: told.slice(0, 5).join('; ') };
}

/** Its VIPs stay with such a node until its lease is taken up again, or half of the pool has barred it. */
function quorumLost(view: PoolView | undefined): PoolVerdict {
  const type = 'QuorumLost';
  const nodes = view?.holdingOn ?? [];
  if (nodes.length === 0) {
    const message = 'no VIP of this pool is held without a lease';
    return { type, status: 'False', reason: Reason.EveryHolderHasALease, message };
  }
  const message = `${nodes.slice(0, 5).join(', ')} reached no majority of the controllers and may hold VIPs by the confirmations of other nodes: mend the management network there`;
  return { type, status: 'True', reason: Reason.HeldWithoutLease, message };
}

/** What the loss of one controller costs, and how a change of their number goes. */
function electorate({ electorate: known, changeWaitsFor }: PoolReport): PoolVerdict {
  const type = 'ControllersVote';
  const count = known?.members.length ?? 0;
  const change = [
    ...(known?.joining ? [`${known.joining.id} joins`] : []),
    ...(changeWaitsFor === undefined ? [] : [`the next change waits for ${changeWaitsFor}`]),
  ];
  const version = [`electorate ${known?.version ?? 0}`, ...change].join('; ');
  return known && byVotes(known)
    ? {
        type,
        status: 'True',
        reason: Reason.Majority,
        message: `${count} controllers elect the master by majority; ${version}`,
      }
    : {
        type,
        status: 'False',
        reason: Reason.LockOnly,
        message: `with ${count === 1 ? 'one controller' : 'two controllers'} the lock in etcd alone decides who is master: no takeover while etcd is away; run 3 or 5; ${version}`,
      };
}

function names(items: readonly BindingView[]): string {
  const shown = items.slice(0, 5).map((item) => item.vip);
  return items.length > shown.length ? `${shown.join(', ')} and ${items.length - shown.length} more` : shown.join(', ');
}
