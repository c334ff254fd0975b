import { type NetworkState, UNMEASURED } from '../../core/check-state.ts';
import { nodeName, poolName } from '../../core/ids.ts';
import type { AgentMessage, Capability, HealthReport, HostLoad, RefusalReason } from '../../core/messages.ts';
import * as wire from '../../gen/vippool/v1/agent.ts';
import { checkStateToWire, readCheckStates } from './check-codec.ts';
import { type Decoded, guarded, Malformed } from './decoded.ts';
import {
  cidr,
  codesOf,
  duration,
  electorate,
  hostPort,
  interfaceName,
  knownMac,
  list,
  mac,
  name,
  oneOf,
  prefixLength,
  present,
  prose,
  vip,
  vipList,
  whole,
} from './field-checks.ts';
import { readHolds } from './hold-right-codec.ts';
import { reachToWire, readAddresses, readReach } from './reach-codec.ts';
import { readLease, readOptionalTerm } from './term-codec.ts';

/** A host has at most so many VIPs, interfaces, addresses of its own per interface, and labels. */
export const MAX_VIPS = 20_000;
const MAX_INTERFACES = 256;
const MAX_ADDRESSES = 4_096;
const MAX_LABELS = 256;

const REFUSALS = {
  AddressNotAllowed: wire.RefusalReason.ADDRESS_NOT_ALLOWED,
  InterfaceNotAllowed: wire.RefusalReason.INTERFACE_NOT_ALLOWED,
  AddressInUse: wire.RefusalReason.ADDRESS_IN_USE,
  BindFailed: wire.RefusalReason.BIND_FAILED,
  AddressConflict: wire.RefusalReason.ADDRESS_CONFLICT,
  HolderAnswers: wire.RefusalReason.HOLDER_ANSWERS,
} as const satisfies Record<RefusalReason, wire.RefusalReason>;

const REASONS = codesOf(REFUSALS);

export const encodeAgentMessage = (message: AgentMessage): Buffer =>
  Buffer.from(wire.SessionRequest.encode({ message: toWire(message) }).finish());

function toWire(message: AgentMessage): wire.SessionRequest['message'] {
  switch (message.kind) {
    case 'hello':
      return {
        $case: 'hello',
        value: { ...message, labels: { ...message.labels }, electorate: message.electorate ?? '' },
      };
    case 'heartbeat':
      return { $case: 'heartbeat', value: message };
    case 'goodbye':
      return { $case: 'goodbye', value: message };
    case 'barred':
      return { $case: 'barred', value: message };
    case 'health':
      return { $case: 'health', value: healthToWire(message) };
    case 'applied': {
      const refused = message.refused.map((item) => ({ ...item, reason: REFUSALS[item.reason] }));
      return { $case: 'applied', value: { ...message, refused } };
    }
  }
}

const healthToWire = (report: HealthReport): wire.HealthReport => ({
  ...report,
  checks: report.checks.map(checkStateToWire),
  reach: report.reach.map(reachToWire),
  load: report.load,
  realtime: report.realtime ?? NOT_WANTED,
  realtimeWanted: report.realtime !== undefined,
});

const NOT_WANTED: Capability = { active: false, message: '' };

export const decodeAgentMessage = (bytes: Uint8Array): Decoded<AgentMessage> =>
  guarded(bytes, () => fromWire(wire.SessionRequest.decode(bytes).message));

function fromWire(message: wire.SessionRequest['message']): AgentMessage {
  switch (message?.$case) {
    case undefined:
      throw new Malformed('unknown-kind', 'the message is of no known kind');
    case 'hello':
      return readHello(message.value);
    case 'heartbeat':
      return {
        kind: 'heartbeat',
        sequence: whole(message.value.sequence, 'sequence', 1),
        lease: readLease(message.value.lease),
        leaseValid: message.value.leaseValid,
        highestTerm: readOptionalTerm(message.value.highestTerm),
        electorate: whole(message.value.electorate, 'electorate', 0),
        restsOn: whole(message.value.restsOn, 'rests_on', 0),
      };
    case 'health':
      return {
        kind: 'health',
        number: whole(message.value.number, 'number', 0),
        interfaces: list(message.value.interfaces, 'interfaces', MAX_INTERFACES, (item) => ({
          name: interfaceName(item.name, 'interface'),
          mac: mac(item.mac, 'mac'),
          carrier: item.carrier,
          addresses: list(item.addresses, 'addresses', MAX_ADDRESSES, (text) => cidr(text, 'address')),
        })),
        fence: readCapability(message.value.fence, 'fence'),
        realtime: message.value.realtimeWanted ? readCapability(message.value.realtime, 'realtime') : undefined,
        checks: readCheckStates(message.value.checks),
        management: readNetwork(message.value.management, 'management'),
        service: readNetwork(message.value.service, 'service'),
        reach: readReach(message.value.reach),
        answering: readAddresses(message.value.answering, 'answering'),
        leaving: message.value.leaving,
        ...(message.value.load && { load: readLoad(message.value.load) }),
      };
    case 'applied':
      return readApplied(message.value);
    case 'barred':
      return {
        kind: 'barred',
        node: nodeName(name(message.value.node, 'node')),
        lease: readLease(message.value.lease),
        number: whole(message.value.number, 'number', 1),
        by: readLease(message.value.by),
      };
    case 'goodbye':
      return { kind: 'goodbye', reason: prose(message.value.reason, 'reason') };
  }
}

function readHello(hello: wire.Hello): AgentMessage {
  const labels = Object.entries(hello.labels);
  list(labels, 'labels', MAX_LABELS, ([key, value]) => [name(key, 'label'), prose(value, 'label')]);
  return {
    kind: 'hello',
    node: nodeName(name(hello.node, 'node')),
    machineId: prose(hello.machineId, 'machine_id'),
    bootId: prose(hello.bootId, 'boot_id'),
    lease: readLease(hello.lease),
    leaseHeldMs: duration(hello.leaseHeldMs, 'lease_held_ms'),
    labels: Object.fromEntries(labels),
    agentVersion: prose(hello.agentVersion, 'agent_version'),
    electorate: hello.electorate === '' ? undefined : electorate(hello.electorate, 'electorate'),
    answersMulticast: hello.answersMulticast,
    witnessAddress: hello.witnessAddress === '' ? '' : hostPort(hello.witnessAddress, 'witness_address'),
  };
}

function readCapability(capability: wire.Capability | undefined, field: string): Capability {
  const { active, message } = present(capability, field);
  return { active, message: prose(message, field) };
}

function readNetwork(network: wire.NetworkState | undefined, field: string): NetworkState {
  if (network === undefined) return UNMEASURED;
  const { reachable, rttMs, message } = network;
  return {
    reachable,
    rttMs: rttMs === undefined ? undefined : duration(rttMs, `${field}.rtt_ms`),
    message: prose(message, field),
  };
}

const readLoad = ({ processorPercent, memoryPercent }: wire.HostLoad): HostLoad => ({
  processorPercent: whole(processorPercent, 'load.processor_percent', 0, 100),
  memoryPercent: whole(memoryPercent, 'load.memory_percent', 0, 100),
});

function readApplied(report: wire.AppliedReport): AgentMessage {
  return {
    kind: 'applied',
    lease: readLease(report.lease),
    term: readOptionalTerm(report.term),
    version: whole(report.version, 'version', 0),
    held: vipList(report.held, 'held', MAX_VIPS, (item) => {
      const address = vip(item.vip, 'held.vip');
      return {
        vip: address,
        pool: poolName(name(item.pool, 'held.pool')),
        interface: interfaceName(item.interface, 'held.interface'),
        prefixLength: prefixLength(item.prefixLength, address, 'held.prefix_length'),
      };
    }),
    refused: list(report.refused, 'refused', MAX_VIPS, (item) => ({
      vip: vip(item.vip, 'refused.vip'),
      reason: oneOf(REASONS, item.reason, 'refused.reason'),
      message: prose(item.message, 'refused.message'),
    })),
    rivals: list(report.rivals, 'rivals', MAX_VIPS, (item) => ({
      vip: vip(item.vip, 'rivals.vip'),
      mac: knownMac(item.mac, 'rivals.mac'),
    })),
    holds: readHolds(report.holds),
  };
}
