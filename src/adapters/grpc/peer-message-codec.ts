import { controllerId, nodeName } from '../../core/ids.ts';
import type { KnownLease, PeerMessage, Restore } from '../../core/peer-messages.ts';
import type * as wire from '../../gen/vippool/v1/peer.ts';
import { Malformed } from './decoded.ts';
import { electorate, list, name, present, prose, whole } from './field-checks.ts';
import { readLease, readOptionalTerm, readTerm } from './term-codec.ts';

/** Nodes of a cluster, with their earlier lives. */
const MAX_LEASES = 20_000;

export function peerToWire(message: PeerMessage): wire.PeerMessage {
  switch (message.kind) {
    case 'vote-request':
      return { message: { $case: 'voteRequest', value: message } };
    case 'vote-answer':
      return { message: { $case: 'voteAnswer', value: message } };
    case 'beat':
      return { message: { $case: 'beat', value: message } };
    case 'beat-answer': {
      const value = { ...message, withLeases: message.leases !== undefined, leases: message.leases ?? [] };
      return { message: { $case: 'beatAnswer', value } };
    }
    case 'step-down':
      return { message: { $case: 'stepDown', value: { term: message.term, successor: message.successor ?? '' } } };
    case 'changed':
      return { message: { $case: 'changed', value: message } };
  }
}

export function peerFromWire({ message }: wire.PeerMessage): PeerMessage {
  switch (message?.$case) {
    case undefined:
      throw new Malformed('unknown-kind', 'the message is of no known kind');
    case 'voteRequest':
      return {
        kind: 'vote-request',
        round: whole(message.value.round, 'round', 1),
        term: readTerm(present(message.value.term, 'term')),
        preVote: message.value.preVote,
        electorate: electorate(message.value.electorate),
      };
    case 'voteAnswer':
      return {
        kind: 'vote-answer',
        round: whole(message.value.round, 'round', 1),
        term: readTerm(present(message.value.term, 'term')),
        preVote: message.value.preVote,
        granted: message.value.granted,
        reason: prose(message.value.reason, 'reason'),
        highestTerm: readOptionalTerm(message.value.highestTerm),
        leases: list(message.value.leases, 'leases', MAX_LEASES, readKnownLease),
        electorate: electorate(message.value.electorate),
      };
    case 'beat':
      return {
        kind: 'beat',
        sequence: whole(message.value.sequence, 'sequence', 1),
        term: readTerm(present(message.value.term, 'term')),
        electorate: electorate(message.value.electorate),
        knownTable: prose(message.value.knownTable, 'known_table'),
        restores: list(message.value.restores, 'restores', MAX_LEASES, readRestore),
      };
    case 'beatAnswer':
      return readBeatAnswer(message.value);
    case 'stepDown': {
      const { term, successor } = message.value;
      return {
        kind: 'step-down',
        term: readTerm(present(term, 'term')),
        successor: successor === '' ? undefined : controllerId(name(successor, 'successor')),
      };
    }
    case 'changed':
      return { kind: 'changed', term: readTerm(present(message.value.term, 'term')) };
  }
}

const readBeatAnswer = (answer: wire.BeatAnswer): PeerMessage => ({
  kind: 'beat-answer',
  sequence: whole(answer.sequence, 'sequence', 1),
  term: readTerm(present(answer.term, 'term')),
  accepted: answer.accepted,
  reason: prose(answer.reason, 'reason'),
  highestTerm: readOptionalTerm(answer.highestTerm),
  table: prose(answer.table, 'table'),
  leases: answer.withLeases ? list(answer.leases, 'leases', MAX_LEASES, readKnownLease) : undefined,
  electorate: electorate(answer.electorate),
});

const readKnownLease = (item: wire.KnownLease): KnownLease => ({
  node: nodeName(name(item.node, 'leases.node')),
  lease: readLease(item.lease),
  revoked: item.revoked,
  restored: whole(item.restored, 'leases.restored', 0),
  knocking: item.knocking,
});

const readRestore = (item: wire.Restore): Restore => ({
  node: nodeName(name(item.node, 'restores.node')),
  lease: readLease(item.lease),
  number: whole(item.number, 'restores.number', 1),
});
