import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatIp } from '../../core/ip.ts';
import { SessionRequest, SessionResponse } from '../../gen/vippool/v1/agent.ts';
import { agentMessages, controllerMessages } from '../../testing/wire-arbitraries.ts';
import { decodeAgentMessage, encodeAgentMessage, MAX_VIPS } from './agent-message-codec.ts';
import { decodeControllerMessage, encodeControllerMessage } from './controller-message-codec.ts';

describe('the wire', () => {
  it('carries every message of an agent unchanged', () => {
    fc.assert(
      fc.property(agentMessages, (message) => {
        expect(decodeAgentMessage(encodeAgentMessage(message))).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('carries every message of a controller unchanged', () => {
    fc.assert(
      fc.property(controllerMessages, (message) => {
        expect(decodeControllerMessage(encodeControllerMessage(message))).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('never throws, whatever bytes arrive', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof decodeAgentMessage(bytes).ok).toBe('boolean');
        expect(typeof decodeControllerMessage(bytes).ok).toBe('boolean');
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses what was cut off or has one byte changed, or reads it as something well formed', () => {
    fc.assert(
      fc.property(agentMessages, fc.nat(), fc.nat(255), (message, position, byte) => {
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
const greeting = { node: 'a', lease: good, electorate: '1:0a1b2c3d' };
const able = { active: true, message: '' };
const health = { interfaces: [], fence: able, realtime: able };
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
    ['a name with a blank', request({ $case: 'hello', value: { ...greeting, node: 'a b' } }), 'bad-value'],
    ['a negative duration', request({ $case: 'hello', value: { ...greeting, leaseHeldMs: -1 } }), 'bad-value'],
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
      request({ $case: 'health', value: { ...health, interfaces: [{ name: 'a/b' }] } }),
      'bad-value',
    ],
    ['a text without end', request({ $case: 'goodbye', value: { reason: 'x'.repeat(5_000) } }), 'too-many'],
    [
      'an interface address without a length',
      request({ $case: 'health', value: { ...health, interfaces: [{ name: 'a', addresses: ['192.0.2.1'] }] } }),
      'bad-value',
    ],
    [
      'an electorate without a digest',
      request({ $case: 'hello', value: { ...greeting, electorate: '1' } }),
      'bad-value',
    ],
    [
      'a witness address without a port',
      request({ $case: 'hello', value: { ...greeting, witnessAddress: '10.0.0.1' } }),
      'bad-value',
    ],
    [
      'a health report that says nothing of the fence',
      request({ $case: 'health', value: { ...health, fence: undefined } }),
      'missing-field',
    ],
    [
      'a rival without a MAC',
      request({ $case: 'applied', value: { lease: good, rivals: [{ vip: '192.0.2.1' }] } }),
      'missing-field',
    ],
    ['a bar of no request', request({ $case: 'barred', value: { node: 'b', lease: good, by: good } }), 'bad-value'],
    ['a bar by nobody', request({ $case: 'barred', value: { node: 'b', lease: good, number: 1 } }), 'missing-field'],
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
    ['a nack of nothing', response({ $case: 'nack', value: { reason: 1 } }), 'bad-value'],
    ['a nack for no reason', response({ $case: 'nack', value: { sequence: 1 } }), 'missing-field'],
    ['a bar under no term', response({ $case: 'bar', value: { node: 'b', lease: good, number: 1 } }), 'missing-field'],
    [
      'a probe for a MAC that is none',
      response({
        $case: 'assignment',
        value: { ...assignment, probes: [{ vip: '192.0.2.1', formerMacs: ['02:00'.repeat(40)], insistent: false }] },
      }),
      'bad-value',
    ],
    [
      'a pool member at no port',
      response({
        $case: 'assignment',
        value: { ...assignment, holdPools: [{ name: 'nas', members: [{ node: 'b', addresses: ['10.0.0.2:0'] }] }] },
      }),
      'bad-value',
    ],
    [
      'too many pools',
      response({
        $case: 'assignment',
        value: { ...assignment, holdPools: Array.from({ length: 1_025 }, () => ({ name: 'nas' })) },
      }),
      'too-many',
    ],
  ])('%s from a controller is refused', (_, bytes, reasonCode) => {
    expect(decodeControllerMessage(bytes)).toMatchObject({ ok: false, reason: reasonCode });
  });

  it('names that operators may choose pass', () => {
    const label = `${'a'.repeat(253)}/${'b'.repeat(63)}`;
    const named = request({ $case: 'hello', value: { ...greeting, labels: { [label]: '' } } });
    expect(decodeAgentMessage(named)).toMatchObject({ ok: true });
    const interfaces = request({ $case: 'health', value: { ...health, interfaces: [{ name: 'größe@0' }] } });
    expect(decodeAgentMessage(interfaces)).toMatchObject({ ok: true });
  });

  it('an agent that does not tell whether real-time scheduling was asked for, as earlier versions, did not ask for it', () => {
    const said = decodeAgentMessage(request({ $case: 'health', value: health }));
    expect(said).toMatchObject({ ok: true, value: { kind: 'health', realtime: undefined } });
  });

  it('an assignment of as many VIPs as a host may have, with the longest names and all to be probed, is short enough', () => {
    const vips = Array.from({ length: MAX_VIPS }, (_, index) => ({
      ...assigned,
      vip: formatIp({ family: 6, value: (0x20010db8ffffffffffffffffn << 32n) | BigInt(index) }),
      pool: 'p'.repeat(253),
      interface: 'i'.repeat(15),
    }));
    const probes = vips.map(({ vip }) => ({
      vip,
      formerMacs: Array.from({ length: 8 }, () => '02:00:00:00:00:01'),
      insistent: false,
    }));
    const value = { ...assignment, vips, probes };
    expect(decodeControllerMessage(response({ $case: 'assignment', value }))).toMatchObject({ ok: true });
  });
});
