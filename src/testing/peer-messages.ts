import type { ElectorateName } from '../core/electorate.ts';
import { controllerId, nodeName } from '../core/ids.ts';
import type { PeerMessage } from '../core/peer-messages.ts';
import type { Term } from '../core/term.ts';

/** Messages between controllers for tests of the wire; only what tells one from the next can be chosen. */
const TERM: Term = {
  number: 1,
  instance: { id: controllerId('c1'), priority: 1, address: '10.0.0.1', nonce: 'n1' },
};
const ELECTORATE = '1:0a1b2c3d' as ElectorateName;

export const beat = (sequence: number): PeerMessage => ({
  kind: 'beat',
  sequence,
  term: TERM,
  electorate: ELECTORATE,
  knownTable: '',
  restores: [],
  spent: [],
});

export const beatAnswer = (sequence: number): PeerMessage => ({
  kind: 'beat-answer',
  sequence,
  term: TERM,
  accepted: true,
  reason: '',
  highestTerm: TERM,
  table: 't1',
  leases: undefined,
  electorate: ELECTORATE,
  node: nodeName('node-1'),
});

export const voteRequest = (round: number): PeerMessage => ({
  kind: 'vote-request',
  round,
  term: TERM,
  preVote: true,
  electorate: ELECTORATE,
});

export const voteAnswer = (round: number): PeerMessage => ({
  kind: 'vote-answer',
  round,
  term: TERM,
  preVote: true,
  granted: false,
  reason: 'promised',
  highestTerm: undefined,
  leases: [],
  electorate: ELECTORATE,
});

export const changed = (): PeerMessage => ({ kind: 'changed', term: TERM });

export const stepDown = (): PeerMessage => ({ kind: 'step-down', term: TERM, successor: controllerId('c2') });
