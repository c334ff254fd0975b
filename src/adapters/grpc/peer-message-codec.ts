import { type ControllerId, controllerId, nodeName } from '../../core/ids.ts';
import type { KnownLease, PeerMessage } from '../../core/peer-messages.ts';
import * as wire from '../../gen/vippool/v1/peer.ts';
import { type Decoded, guarded, Malformed } from './decoded.ts';
import { electorateToWire, readElectorate, readMembers } from './electorate-codec.ts';
import { electorate, hostPort, list, name, optionalName, present, prose, whole } from './field-checks.ts';
import { readHolds } from './hold-right-codec.ts';
import { readLease, readOptionalTerm, readTerm } from './term-codec.ts';

/** First message of a stream in each direction: who speaks. */
export interface PeerHello {
  readonly kind: 'hello';
  readonly id: ControllerId;
}

/** Whatever travels between two controllers. */
export type PeerFrame = PeerHello | PeerMessage;

/** A controller knows at most so many node leases. */
export const MAX_LEASES = 10_000;

export const encodePeerRequest = (frame: PeerFrame): Buffer =>
  Buffer.from(wire.ExchangeRequest.encode({ message: { message: toWire(frame) } }).finish());

export const encodePeerResponse = (frame: PeerFrame): Buffer =>
  Buffer.from(wire.ExchangeResponse.encode({ message: { message: toWire(frame) } }).finish());

export const decodePeerRequest = (bytes: Uint8Array): Decoded<PeerFrame> =>
  guarded(bytes, () => fromWire(wire.ExchangeRequest.decode(bytes).message?.message));

export const decodePeerResponse = (bytes: Uint8Array): Decoded<PeerFrame> =>
  guarded(bytes, () => fromWire(wire.ExchangeResponse.decode(bytes).message?.message));

function toWire(frame: PeerFrame): wire.PeerMessage['message'] {
  switch (frame.kind) {
    case 'hello':
      return { $case: 'hello', value: frame };
    case 'vote-request':
      return { $case: 'voteRequest', value: frame };
    case 'vote-answer':
      return { $case: 'voteAnswer', value: frame };
    case 'beat':
      return { $case: 'beat', value: frame };
    case 'beat-answer':
      return {
        $case: 'beatAnswer',
        value: { ...frame, leases: frame.leases && { leases: frame.leases }, node: frame.node ?? '' },
      };
    case 'step-down':
      return { $case: 'stepDown', value: { term: frame.term, successor: frame.successor ?? '' } };
    case 'changed':
      return { $case: 'changed', value: frame };
    case 'electorate':
      return { $case: 'electorate', value: electorateToWire(frame.electorate) };
    case 'wish':
      return { $case: 'wish', value: { ...frame, wanted: [...frame.wanted], hears: [...frame.hears] } };
  }
}

function fromWire(message: wire.PeerMessage['message']): PeerFrame {
  switch (message?.$case) {
    case undefined:
      throw new Malformed('unknown-kind', 'the message is of no known kind');
    case 'hello': {
      return { kind: 'hello', id: controllerId(name(message.value.id, 'id')) };
    }
    case 'voteRequest':
      return {
        kind: 'vote-request',
        round: whole(message.value.round, 'round', 1),
        term: readTerm(present(message.value.term, 'term')),
        preVote: message.value.preVote,
        electorate: electorate(message.value.electorate, 'electorate'),
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
        electorate: electorate(message.value.electorate, 'electorate'),
      };
    case 'beat':
      return readBeat(message.value);
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
    case 'electorate':
      return { kind: 'electorate', electorate: readElectorate(message.value) };
    case 'wish':
      return readWish(message.value);
  }
}

const readWish = (wish: wire.ElectorateWish): PeerFrame => ({
  kind: 'wish',
  electorate: electorate(wish.electorate, 'electorate'),
  address: hostPort(wish.address, 'address'),
  wanted: readMembers(wish.wanted, 'wanted'),
  hears: list(wish.hears, 'hears', MAX_LEASES, (node) => nodeName(name(node, 'hears'))),
});

const readBeat = (beat: wire.Beat): PeerFrame => ({
  kind: 'beat',
  sequence: whole(beat.sequence, 'sequence', 1),
  term: readTerm(present(beat.term, 'term')),
  electorate: electorate(beat.electorate, 'electorate'),
  knownTable: optionalName(beat.knownTable, 'known_table'),
  restores: list(beat.restores, 'restores', MAX_LEASES, ({ node, lease, number }) => ({
    node: nodeName(name(node, 'restores.node')),
    lease: readLease(lease),
    number: whole(number, 'restores.number', 1),
  })),
  spent: list(beat.spent, 'spent', MAX_LEASES, ({ node, lease }) => ({
    node: nodeName(name(node, 'spent.node')),
    lease: readLease(lease),
  })),
});

const readBeatAnswer = (answer: wire.BeatAnswer): PeerFrame => ({
  kind: 'beat-answer',
  sequence: whole(answer.sequence, 'sequence', 1),
  term: readTerm(present(answer.term, 'term')),
  accepted: answer.accepted,
  reason: prose(answer.reason, 'reason'),
  highestTerm: readOptionalTerm(answer.highestTerm),
  table: optionalName(answer.table, 'table'),
  leases: answer.leases && list(answer.leases.leases, 'leases', MAX_LEASES, readKnownLease),
  electorate: electorate(answer.electorate, 'electorate'),
  node: answer.node === '' ? undefined : nodeName(name(answer.node, 'node')),
});

const readKnownLease = (known: wire.KnownLease): KnownLease => ({
  node: nodeName(name(known.node, 'leases.node')),
  lease: readLease(known.lease),
  revoked: known.revoked,
  restored: whole(known.restored, 'leases.restored', 0),
  knocking: known.knocking,
  holds: readHolds(known.holds),
});
