import { controllerId, nodeName, poolName } from '../../core/ids.ts';
import type { AssignedVip, ControllerMessage, HoldPool, NackReason } from '../../core/messages.ts';
import * as wire from '../../gen/vippool/v1/agent.ts';
import { MAX_VIPS } from './agent-message-codec.ts';
import { configToWire, readConfig } from './check-codec.ts';
import { type Decoded, guarded, Malformed } from './decoded.ts';
import {
  codesOf,
  hostPort,
  interfaceName,
  knownMac,
  list,
  name,
  oneOf,
  prefixLength,
  present,
  vip,
  vipList,
  whole,
} from './field-checks.ts';
import { electorateToWire, readElectorate } from './electorate-codec.ts';
import { MAX_MEMBERS, MAX_POOLS } from './hold-right-codec.ts';
import { readLease, readOptionalTerm, readTerm } from './term-codec.ts';

/** A node has at most so many pools, a pool members, a member addresses, and a lost holder MACs. */
const MAX_ADDRESSES = 16;
const MAX_MACS = 256;

const NACKS = {
  Revoked: wire.NackReason.REVOKED,
  Abstaining: wire.NackReason.ABSTAINING,
  Standby: wire.NackReason.STANDBY,
  OtherElectorate: wire.NackReason.OTHER_ELECTORATE,
} as const satisfies Record<NackReason, wire.NackReason>;

const NACK_REASONS = codesOf(NACKS);

export const encodeControllerMessage = (message: ControllerMessage): Buffer =>
  Buffer.from(wire.SessionResponse.encode({ message: toWire(message) }).finish());

function toWire(message: ControllerMessage): wire.SessionResponse['message'] {
  switch (message.kind) {
    case 'ack':
      return { $case: 'ack', value: { ...message, master: message.master ?? '' } };
    case 'nack':
      return { $case: 'nack', value: { ...message, reason: NACKS[message.reason] } };
    case 'assignment':
      return { $case: 'assignment', value: message };
    case 'bar':
      return { $case: 'bar', value: message };
    case 'config':
      return { $case: 'config', value: configToWire(message) };
    case 'electorate':
      return { $case: 'electorate', value: electorateToWire(message.electorate) };
  }
}

export const decodeControllerMessage = (bytes: Uint8Array): Decoded<ControllerMessage> =>
  guarded(bytes, () => fromWire(wire.SessionResponse.decode(bytes).message));

function fromWire(message: wire.SessionResponse['message']): ControllerMessage {
  switch (message?.$case) {
    case undefined:
      throw new Malformed('unknown-kind', 'the message is of no known kind');
    case 'ack': {
      const { sequence, term, master, electorate } = message.value;
      return {
        kind: 'ack',
        sequence: whole(sequence, 'sequence', 1),
        term: readOptionalTerm(term),
        master: master === '' ? undefined : controllerId(name(master, 'master')),
        electorate: whole(electorate, 'electorate', 0),
      };
    }
    case 'nack': {
      const { sequence, term, reason } = message.value;
      return {
        kind: 'nack',
        sequence: whole(sequence, 'sequence', 1),
        term: readOptionalTerm(term),
        reason: oneOf(NACK_REASONS, reason, 'reason'),
      };
    }
    case 'bar': {
      const { term, node, lease, number, lift } = message.value;
      return {
        kind: 'bar',
        term: readTerm(present(term, 'term')),
        node: nodeName(name(node, 'node')),
        lease: readLease(lease),
        number: whole(number, 'number', 1),
        lift,
      };
    }
    case 'assignment':
      return readAssignment(message.value);
    case 'config':
      return { kind: 'config', ...readConfig(message.value) };
    case 'electorate':
      return { kind: 'electorate', electorate: readElectorate(message.value) };
  }
}

function readAssignment(value: wire.Assignment): ControllerMessage {
  return {
    kind: 'assignment',
    term: readTerm(present(value.term, 'term')),
    version: whole(value.version, 'version', 1),
    node: nodeName(name(value.node, 'node')),
    lease: readLease(value.lease),
    vips: vipList(value.vips, 'vips', MAX_VIPS, readVip),
    probes: vipList(value.probes, 'probes', MAX_VIPS, (item) => ({
      vip: vip(item.vip, 'probes.vip'),
      formerMacs: list(item.formerMacs, 'probes.former_macs', MAX_MACS, (mac) => knownMac(mac, 'probes.former_macs')),
      insistent: item.insistent,
    })),
    holdPools: list(value.holdPools, 'hold_pools', MAX_POOLS, readHoldPool),
  };
}

function readVip(item: wire.AssignedVip): AssignedVip {
  const address = vip(item.vip, 'vip');
  const { count, intervalMs, refreshMs } = present(item.announce, 'announce');
  return {
    vip: address,
    pool: poolName(name(item.pool, 'pool')),
    interface: interfaceName(item.interface, 'interface'),
    prefixLength: prefixLength(item.prefixLength, address, 'prefix_length'),
    announce: {
      count: whole(count, 'announce.count', 1),
      intervalMs: whole(intervalMs, 'announce.interval_ms', 1),
      refreshMs,
    },
  };
}

const readHoldPool = (pool: wire.HoldPool): HoldPool => ({
  name: poolName(name(pool.name, 'hold_pools.name')),
  members: list(pool.members, 'hold_pools.members', MAX_MEMBERS, ({ node, addresses }) => ({
    node: nodeName(name(node, 'hold_pools.members.node')),
    addresses: list(addresses, 'hold_pools.members.addresses', MAX_ADDRESSES, (text) =>
      hostPort(text, 'hold_pools.members.addresses'),
    ),
  })),
});
