/**
 * Rules of the protocol, each switched off by a change of the source: what the checks must find. Nothing of this is in
 * core: the change is made to a copy of it.
 */
import type { Invariant } from './violation.ts';

export interface SourceChange {
  /** Below src/. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface PlantedBug extends SourceChange {
  readonly name: string;
  /** Of the protocol's design. */
  readonly section: string;
  /** The rule that does not hold any more. */
  readonly rule: string;
  /** Other lines of defence that are taken away with it: each alone would hold. */
  readonly also?: readonly SourceChange[];
  /** Any of these proves it. */
  readonly expected: readonly Invariant[];
  /** Schedules that look at this part; all of them where it is not given. */
  readonly scenario?: string;
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'terms-by-number',
    section: '3.2',
    rule: 'a term is a pair: two masters that won the same number are told apart',
    file: 'core/term.ts',
    find: 'return a.number - b.number || compareInstances(a.instance, b.instance);',
    replace: 'return a.number - b.number;',
    expected: ['S1', 'S2', 'S3'],
    scenario: 'masters',
  },
  {
    name: 'incarnation-kept',
    section: '3.2',
    rule: 'an agent that starts without its memory begins a new incarnation',
    file: 'core/agent/agent.ts',
    find: '{ incarnation: event.incarnation, epoch: epoch(1) }',
    replace: "{ incarnation: 'same' as typeof event.incarnation, epoch: epoch(1) }",
    expected: ['S1'],
  },
  {
    name: 'vote-despite-promise',
    section: '3.3.2',
    rule: 'a voter refuses while a promise of its runs',
    file: 'core/ballot.ts',
    find: '  if (master) return `follows ${formatTerm(master)}`;\n',
    replace: '',
    expected: ['S1', 'S2'],
    scenario: 'masters',
  },
  {
    name: 'vote-without-table',
    section: '3.3.2',
    rule: 'a vote carries every lease that the voter knows',
    file: 'core/controller/voting.ts',
    find: 'leases: voted ? knownLeases(state.nodes, undefined, now, config.timing) : [],',
    replace: 'leases: [],',
    expected: ['S1'],
    scenario: 'tables',
  },
  {
    name: 'votes-give-authority',
    section: '3.3.3',
    rule: 'authority begins with a majority of acknowledged beats',
    file: 'core/reign.ts',
    find: 'authorityUntil: NEVER,',
    replace: 'authorityUntil: votesUntil,',
    expected: ['S1', 'S2'],
    scenario: 'masters',
  },
  {
    name: 'authority-too-long',
    section: '3.3.3',
    rule: 'authority ends a leader lease after the beats that a majority acknowledged',
    file: 'core/reign.ts',
    find: 'addMs(decisive, timing.leaderLeaseMs - timing.marginMs)',
    replace: 'addMs(decisive, timing.leaderLeaseMs * 2)',
    expected: ['S2'],
    scenario: 'masters',
  },
  {
    name: 'no-abstention',
    section: '3.3.9',
    rule: 'a controller that started without memory abstains',
    file: 'core/controller/controller-state.ts',
    find: 'const abstainUntil = recalled ? NEVER : addMs(now, abstentionMs(config.timing));',
    replace: 'const abstainUntil = NEVER;',
    expected: ['S1', 'S2'],
    scenario: 'masters',
  },
  {
    name: 'report-without-end',
    section: '3.3.9',
    rule: 'a reported revocation counts until the send time of the request + A',
    file: 'core/controller/following.ts',
    find: 'addMs(sentAt, abstentionMs(config.timing))',
    replace: 'addMs(sentAt, 1_000_000)',
    expected: ['S1'],
    scenario: 'tables',
  },
  {
    name: 'own-table-only',
    section: '3.3.10',
    rule: "a new master knows the union of its voters' tables",
    file: 'core/controller/voting.ts',
    find: 'const inherited = [...granted.values(), knownLeases(state.nodes, undefined, now, config.timing)].flat();',
    replace: 'const inherited = knownLeases(state.nodes, undefined, now, config.timing);',
    expected: ['S1'],
    scenario: 'tables',
  },
  {
    name: 'standby-acknowledges',
    section: '3.3.7',
    rule: 'of two controllers only the holder of the lock acknowledges',
    file: 'core/controller/agent-messages.ts',
    find: "config.electorate.members.length === 2 && !mayAct(state, now, config) ? 'Standby' : undefined",
    replace: 'undefined',
    expected: ['S1'],
    scenario: 'few',
  },
  {
    name: 'lock-frees-at-once',
    section: '3.3.7',
    rule: 'a new holder of the lock frees nothing for A',
    file: 'core/controller/mandate.ts',
    find: "    if (effect.kind === 'elected') blindUntil = addMs(now, abstentionMs(config.timing));\n",
    replace: '',
    expected: ['S1'],
    scenario: 'locks',
  },
  {
    name: 'lease-too-long',
    section: '3.4',
    rule: 'a lease ends at the send time of the acknowledged heartbeat + L',
    file: 'core/agent/lease.ts',
    find: 'addMs(decisive, leaseMs)',
    replace: 'addMs(decisive, leaseMs * 1.5)',
    expected: ['S1'],
  },
  {
    name: 'counted-from-arrival',
    section: '3.1',
    rule: 'a deadline counts from the moment at which the request was sent',
    file: 'core/agent/lease-keeping.ts',
    find: '.set(controller, round.sentAt)',
    replace: '.set(controller, now)',
    expected: ['S1'],
  },
  {
    name: 'expiry-not-checked',
    section: '3.4',
    rule: 'whatever wakes an agent, it looks at its own expiry first',
    file: 'core/agent/agent.ts',
    find: '(held && !hasLease(before, now)) ||',
    replace: '',
    expected: ['S1', 'S4'],
    scenario: 'tables',
  },
  {
    name: 'margin-missing',
    section: '3.4',
    rule: 'a controller waits longer than the slowest holder',
    file: 'core/timing.ts',
    find: 'export const revokeAfterMs = (timing: Timing): number => beyond(timing.leaseMs, timing);',
    replace: 'export const revokeAfterMs = (timing: Timing): number => timing.leaseMs * 0.8;',
    expected: ['S1'],
  },
  {
    name: 'revocation-forgiven',
    section: '3.4',
    rule: 'a revocation is sticky',
    file: 'core/node-table.ts',
    find: "  if (same && entry.gone !== 'no') return undefined;\n",
    replace: '',
    expected: ['S1'],
    scenario: 'tables',
  },
  {
    name: 'restore-unnumbered',
    section: '3.4',
    rule: 'after a restoration a controller counts again only from reports that name it',
    file: 'core/lease-verdicts.ts',
    find: 'return !(restore && sameLease(restore.lease, lease) && known.restored < restore.number);',
    replace: 'return true;',
    expected: ['S1'],
    scenario: 'tables',
  },
  {
    name: 'epoch-not-raised',
    section: '3.4',
    rule: 'an agent whose lease ended begins another epoch',
    file: 'core/agent/lease-keeping.ts',
    find: 'epoch: epoch(state.lease.epoch + 1)',
    replace: 'epoch: epoch(state.lease.epoch)',
    expected: ['S1', 'S4'],
  },
  {
    name: 'old-version-confirms',
    section: '3.5',
    rule: 'a node is free of a VIP once it reported the newest version',
    file: 'core/commitments.ts',
    find: '  if (report.version < commitment.version) {',
    replace: '  if (report.version < 0) {',
    expected: ['S1'],
    scenario: 'tables',
  },
  {
    name: 'assigned-without-lease',
    section: '3.5',
    rule: 'an assignment is accepted only with a valid lease',
    file: 'core/agent/holding.ts',
    find: "  if (!hasLease(state, now)) return 'no valid lease';\n",
    replace: '',
    expected: ['S1', 'S4', 'S8'],
  },
  {
    name: 'assigned-to-another-lease',
    section: '3.5',
    rule: 'an assignment is accepted only for the same incarnation and epoch',
    file: 'core/agent/holding.ts',
    find: 'item.lease.incarnation !== state.lease.incarnation || item.lease.epoch !== state.lease.epoch',
    replace: 'item.lease.epoch < 0',
    expected: ['S1'],
  },
  {
    name: 'version-not-compared',
    section: '3.5',
    rule: 'an assignment is accepted only with a higher version',
    file: 'core/agent/holding.ts',
    find: '(order === 0 && item.version <= state.assignment.version)',
    replace: 'false',
    expected: ['S1', 'S5', 'S7', 'S8'],
  },
  {
    name: 'lower-term-obeyed',
    section: '3.2',
    rule: 'every receiver refuses a lower term',
    file: 'core/agent/holding.ts',
    find: 'if (state.highestTerm && compareTerms(item.term, state.highestTerm) < 0)',
    replace: 'if (state.highestTerm && item.term.number < 0)',
    expected: ['S1', 'S3'],
    scenario: 'masters',
  },
  {
    name: 'no-guard',
    section: '3.6',
    rule: 'a fence datagram works only while a guard lives that was set before the check',
    file: 'testing/sim/kernel-fence.ts',
    find: 'if (timeoutMs <= 0 || now >= this.#guardEnds) return;',
    replace: 'if (timeoutMs <= 0) return;',
    expected: ['S1'],
  },
  {
    name: 'saved-too-late',
    section: '3.6',
    rule: 'an assignment is written before it is acted on',
    file: 'core/agent/holding.ts',
    find: "      { kind: 'save', memory: memoryOf(next, config) },\n",
    replace: '',
    expected: ['S1'],
  },
  {
    name: 'adopted-without-lease',
    section: '3.6',
    rule: 'an agent adopts VIPs only within its lease',
    file: 'core/agent/agent.ts',
    find: '    now < memory.leaseValidUntil &&\n    (event.fenceOpen || !fence.active);',
    replace: '    memory.leaseSince !== undefined;',
    expected: ['S1', 'S4', 'S8'],
  },
  {
    name: 'lock-too-long',
    section: '3.3.1',
    rule: "the lock's validity ends before the store can give it away",
    file: 'core/election.ts',
    find: "export const mayAct = (state: ElectionState, now: Monotonic): boolean =>\n  state.phase === 'leading' && now < state.validUntil;",
    replace:
      "export const mayAct = (state: ElectionState, now: Monotonic): boolean =>\n  state.phase === 'leading' && now < state.validUntil + 2_000;",
    expected: ['S2'],
    scenario: 'few',
  },
];
