import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ElectorateName } from '../../core/electorate.ts';
import { controllerId, epoch, incarnation, nodeName, poolName, vipAddress } from '../../core/ids.ts';
import { formatIp, parseIp } from '../../core/ip.ts';
import type { AgentMessage, ControllerMessage } from '../../core/messages.ts';
import type { PeerMessage } from '../../core/peer-messages.ts';
import { SessionRequest, SessionResponse } from '../../gen/vippool/v1/agent.ts';
import { decodeAgentMessage, encodeAgentMessage, MAX_VIPS } from './agent-message-codec.ts';
import { decodeControllerMessage, encodeControllerMessage } from './controller-message-codec.ts';
import { PEER_SESSION } from './peer-session-method.ts';

const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,30}$/);
const whole = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const address = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => {
  const ip = parseIp(text);
  if (!ip) throw new Error(text);
  return formatIp(ip);
});
const lease = fc.record({ incarnation: name.map(incarnation), epoch: whole.map(epoch) });
const term = fc.record({
  number: whole,
  instance: fc.record({ id: name.map(controllerId), priority: fc.nat(), address, nonce: name }),
});
const maybeTerm = fc.option(term, { nil: undefined });
const vip = address.map(vipAddress);
const place = fc.record({
  vip,
  pool: name.map(poolName),
  interface: name,
  prefixLength: fc.integer({ min: 1, max: 32 }),
});
const announce = fc.record({
  count: fc.integer({ min: 1, max: 20 }),
  intervalMs: fc.integer({ min: 1, max: 60_000 }),
  refreshMs: fc.nat(86_400_000),
});
const reason = fc.constantFrom(
  'AddressNotAllowed',
  'InterfaceNotAllowed',
  'AddressInUse',
  'BindFailed',
  'AddressConflict',
  'HolderAnswers',
);
const electorate = fc.constant('1:9f31c2aa' as ElectorateName);
const capability = fc.record({ active: fc.boolean(), message: fc.string() });
const macAddress = fc.constant('02:00:00:00:00:01');

const agentMessage: fc.Arbitrary<AgentMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    node: name.map(nodeName),
    machineId: name,
    bootId: name,
    lease,
    leaseHeldMs: fc.double({ min: 0, max: 1e12, noNaN: true }).map((ms) => ms + 0),
    labels: fc.dictionary(name, name, { noNullPrototype: true }),
    agentVersion: name,
    electorate,
    witnessAddress: fc.constantFrom('', '10.0.0.1:7481'),
  }),
  fc.record({
    kind: fc.constant('heartbeat' as const),
    sequence: whole,
    lease,
    leaseValid: fc.boolean(),
    highestTerm: maybeTerm,
  }),
  fc.record({
    kind: fc.constant('health' as const),
    interfaces: fc.array(
      fc.record({
        name,
        mac: fc.constant('02:00:00:00:00:01'),
        carrier: fc.boolean(),
        addresses: fc.array(fc.constant('192.0.2.1/24')),
      }),
      { maxLength: 5 },
    ),
    fence: capability,
    realtime: capability,
  }),
  fc.record({ kind: fc.constant('barred' as const), node: name.map(nodeName), lease, number: whole, by: lease }),
  fc.record({
    kind: fc.constant('applied' as const),
    lease,
    term: maybeTerm,
    version: fc.nat(),
    held: fc.uniqueArray(place, { maxLength: 5, selector: (item) => item.vip }),
    refused: fc.array(fc.record({ vip, reason, message: fc.string() }), { maxLength: 5 }),
    rivals: fc.array(fc.record({ vip, mac: macAddress }), { maxLength: 5 }),
  }) as fc.Arbitrary<AgentMessage>,
  fc.record({ kind: fc.constant('goodbye' as const), reason: fc.string() }),
);

const controllerMessage: fc.Arbitrary<ControllerMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('ack' as const),
    sequence: whole,
    term: maybeTerm,
    master: fc.option(name.map(controllerId), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('assignment' as const),
    term,
    version: whole,
    node: name.map(nodeName),
    lease,
    vips: fc.uniqueArray(
      fc.tuple(place, announce).map(([item, policy]) => ({ ...item, announce: policy })),
      { maxLength: 5, selector: (item) => item.vip },
    ),
    probes: fc.uniqueArray(fc.record({ vip, formerMacs: fc.array(macAddress, { maxLength: 3 }) }), {
      maxLength: 5,
      selector: (item) => item.vip,
    }),
    holdPools: fc.array(
      fc.record({
        name: name.map(poolName),
        members: fc.array(fc.record({ node: name.map(nodeName), addresses: fc.array(name, { maxLength: 3 }) }), {
          maxLength: 5,
        }),
      }),
      { maxLength: 3 },
    ),
  }),
  fc.record({
    kind: fc.constant('nack' as const),
    sequence: whole,
    term: maybeTerm,
    reason: fc.constantFrom('Revoked', 'Abstaining', 'Standby', 'OtherElectorate'),
  }),
  fc.record({
    kind: fc.constant('bar' as const),
    term,
    node: name.map(nodeName),
    lease,
    number: whole,
    lift: fc.boolean(),
  }),
);

const known = fc.array(
  fc.record({ node: name.map(nodeName), lease, revoked: fc.boolean(), restored: fc.nat(), knocking: fc.boolean() }),
  { maxLength: 5 },
);

const peerMessage: fc.Arbitrary<PeerMessage> = fc.oneof(
  fc.record({ kind: fc.constant('vote-request' as const), round: whole, term, preVote: fc.boolean(), electorate }),
  fc.record({
    kind: fc.constant('vote-answer' as const),
    round: whole,
    term,
    preVote: fc.boolean(),
    granted: fc.boolean(),
    reason: fc.string(),
    highestTerm: maybeTerm,
    leases: known,
    electorate,
  }),
  fc.record({
    kind: fc.constant('beat' as const),
    sequence: whole,
    term,
    electorate,
    knownTable: fc.string(),
    restores: fc.array(fc.record({ node: name.map(nodeName), lease, number: whole }), { maxLength: 5 }),
  }),
  fc.record({
    kind: fc.constant('beat-answer' as const),
    sequence: whole,
    term,
    accepted: fc.boolean(),
    reason: fc.string(),
    highestTerm: maybeTerm,
    table: fc.string(),
    leases: fc.option(known, { nil: undefined }),
    electorate,
  }),
  fc.record({
    kind: fc.constant('step-down' as const),
    term,
    successor: fc.option(name.map(controllerId), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('changed' as const), term }),
);

const said = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

describe('the wire', () => {
  it('carries every message of an agent unchanged', () => {
    fc.assert(
      fc.property(agentMessage, (message) => {
        expect(decodeAgentMessage(encodeAgentMessage(message))).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('carries every message of a controller unchanged', () => {
    fc.assert(
      fc.property(controllerMessage, (message) => {
        expect(decodeControllerMessage(encodeControllerMessage(message))).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('carries what controllers say to each other unchanged, whichever side opened the stream', () => {
    fc.assert(
      fc.property(peerMessage, (message) => {
        const { requestSerialize, requestDeserialize, responseSerialize, responseDeserialize } = PEER_SESSION;
        expect(requestDeserialize(requestSerialize(said(message)))).toEqual(said(message));
        expect(responseDeserialize(responseSerialize(said(message)))).toEqual(said(message));
      }),
    );
  });

  it('carries the first words of a controller unchanged', () => {
    const hello = said({ kind: 'hello' as const, id: controllerId('c1'), electorate: '1:9f31c2aa' as ElectorateName });
    expect(PEER_SESSION.requestDeserialize(PEER_SESSION.requestSerialize(hello))).toEqual(hello);
  });

  it('never throws, whatever bytes arrive', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof decodeAgentMessage(bytes).ok).toBe('boolean');
        expect(typeof decodeControllerMessage(bytes).ok).toBe('boolean');
        expect(typeof PEER_SESSION.requestDeserialize(Buffer.from(bytes)).ok).toBe('boolean');
        expect(typeof PEER_SESSION.responseDeserialize(Buffer.from(bytes)).ok).toBe('boolean');
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses what was cut off or has one byte changed, or reads it as something well formed', () => {
    fc.assert(
      fc.property(agentMessage, fc.nat(), fc.nat(255), (message, position, byte) => {
        const bytes = encodeAgentMessage(message);
        expect(typeof decodeAgentMessage(bytes.subarray(0, position % (bytes.length + 1))).ok).toBe('boolean');
        if (bytes.length > 0) bytes[position % bytes.length] = byte;
        expect(typeof decodeAgentMessage(bytes).ok).toBe('boolean');
      }),
    );
  });
});

const request = (message: unknown): Uint8Array =>
  SessionRequest.encode(SessionRequest.fromPartial({ message } as never)).finish();
const response = (message: unknown): Uint8Array =>
  SessionResponse.encode(SessionResponse.fromPartial({ message } as never)).finish();
const good = { incarnation: 'life', epoch: 1 };
const item = { vip: '192.0.2.1', pool: 'nas', interface: 'eth1', prefixLength: 32 };

const assigned = { ...item, announce: { count: 5, intervalMs: 1_100, refreshMs: 0 } };
const assignment = {
  term: { number: 1, instance: { id: 'c', priority: 0, address: '10.0.0.1', nonce: 'n' } },
  version: 1,
  node: 'a',
  lease: good,
  vips: [assigned],
};

describe('at the edge', () => {
  it.each([
    ['an empty message', new Uint8Array(), 'unknown-kind'],
    ['a kind of a later version', Uint8Array.of(0xfa, 0x01, 0x00), 'unknown-kind'],
    ['bytes that are no message', Uint8Array.of(0x0a, 0xff), 'undecodable'],
    [
      'a number beyond what is safe',
      Uint8Array.of(0x12, 0x0a, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
      'undecodable',
    ],
    ['a hello without a node', request({ $case: 'hello', value: { lease: good } }), 'missing-field'],
    ['a hello without a lease', request({ $case: 'hello', value: { node: 'a' } }), 'missing-field'],
    ['a name with a blank', request({ $case: 'hello', value: { node: 'a b', lease: good } }), 'bad-value'],
    [
      'a negative duration',
      request({ $case: 'hello', value: { node: 'a', lease: good, leaseHeldMs: -1 } }),
      'bad-value',
    ],
    [
      'an epoch of 0',
      request({ $case: 'heartbeat', value: { sequence: 1, lease: { incarnation: 'x' } } }),
      'bad-value',
    ],
    [
      'a term without an instance',
      request({ $case: 'heartbeat', value: { sequence: 1, lease: good, highestTerm: { number: 1 } } }),
      'missing-field',
    ],
    [
      'a VIP that is none',
      request({ $case: 'applied', value: { lease: good, held: [{ ...item, vip: '192.0.2' }] } }),
      'bad-value',
    ],
    [
      'a VIP in another spelling',
      request({ $case: 'applied', value: { lease: good, held: [{ ...item, vip: '2001:DB8::1' }] } }),
      'bad-value',
    ],
    [
      'a prefix of 33 bits',
      request({ $case: 'applied', value: { lease: good, held: [{ ...item, prefixLength: 33 }] } }),
      'bad-value',
    ],
    [
      'an unknown reason',
      request({ $case: 'applied', value: { lease: good, refused: [{ vip: '192.0.2.1', reason: 99 }] } }),
      'missing-field',
    ],
    [
      'too many VIPs',
      request({ $case: 'applied', value: { lease: good, held: Array.from({ length: MAX_VIPS + 1 }, () => item) } }),
      'too-many',
    ],
    [
      'a VIP that is held twice',
      request({ $case: 'applied', value: { lease: good, held: [item, { ...item, interface: 'eth2' }] } }),
      'bad-value',
    ],
    [
      'an interface with a slash in its name',
      request({ $case: 'health', value: { interfaces: [{ name: 'a/b' }] } }),
      'bad-value',
    ],
    ['a text without end', request({ $case: 'goodbye', value: { reason: 'x'.repeat(5_000) } }), 'too-many'],
    [
      'an interface address without a length',
      request({ $case: 'health', value: { interfaces: [{ name: 'a', addresses: ['192.0.2.1'] }] } }),
      'bad-value',
    ],
  ])('%s from an agent is refused', (_, bytes, reasonCode) => {
    expect(decodeAgentMessage(bytes)).toMatchObject({ ok: false, reason: reasonCode });
  });

  it.each([
    [
      'an assignment without a term',
      response({ $case: 'assignment', value: { version: 1, node: 'a', lease: good } }),
      'missing-field',
    ],
    [
      'an assignment of version 0',
      response({
        $case: 'assignment',
        value: { term: { number: 1, instance: { id: 'c', address: '10.0.0.1', nonce: 'n' } }, node: 'a', lease: good },
      }),
      'bad-value',
    ],
    [
      'an assignment with one VIP on two interfaces',
      response({ $case: 'assignment', value: { ...assignment, vips: [assigned, { ...assigned, interface: 'eth2' }] } }),
      'bad-value',
    ],
    [
      'an assignment of a VIP without an announcement policy',
      response({ $case: 'assignment', value: { ...assignment, vips: [item] } }),
      'missing-field',
    ],
    [
      'an assignment of too many VIPs',
      response({
        $case: 'assignment',
        value: { ...assignment, vips: Array.from({ length: MAX_VIPS + 1 }, () => assigned) },
      }),
      'too-many',
    ],
    ['an ack of nothing', response({ $case: 'ack', value: {} }), 'bad-value'],
  ])('%s from a controller is refused', (_, bytes, reasonCode) => {
    expect(decodeControllerMessage(bytes)).toMatchObject({ ok: false, reason: reasonCode });
  });

  it('names that operators may choose pass', () => {
    const label = `${'a'.repeat(253)}/${'b'.repeat(63)}`;
    const named = request({
      $case: 'hello',
      value: { node: 'a', lease: good, labels: { [label]: '' }, electorate: '1:a' },
    });
    expect(decodeAgentMessage(named)).toMatchObject({ ok: true });
    const health = request({
      $case: 'health',
      value: { interfaces: [{ name: 'größe@0' }], fence: {}, realtime: {} },
    });
    expect(decodeAgentMessage(health)).toMatchObject({ ok: true });
  });

  it('an assignment of as many VIPs as a host may have, with the longest names, is short enough', () => {
    const vips = Array.from({ length: MAX_VIPS }, (_, index) => ({
      ...assigned,
      vip: formatIp({ family: 6, value: (0x20010db8ffffffffffffffffn << 32n) | BigInt(index) }),
      pool: 'p'.repeat(253),
      interface: 'i'.repeat(15),
    }));
    expect(decodeControllerMessage(response({ $case: 'assignment', value: { ...assignment, vips } }))).toMatchObject({
      ok: true,
    });
  });
});
