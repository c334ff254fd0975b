/** Every message that may travel, for tests of the codecs. */
import fc from 'fast-check';
import type { Electorate, ElectorateName } from '../core/electorate.ts';
import { controllerId, epoch, incarnation, nodeName, poolName, vipAddress } from '../core/ids.ts';
import { formatIp, parseIp } from '../core/ip.ts';
import type { AgentMessage, ControllerMessage, NackReason, RefusalReason } from '../core/messages.ts';
import type { PeerMessage } from '../core/peer-messages.ts';
import type { WitnessMessage } from '../core/witness-messages.ts';
import { addresses, checkConfigs, checkStates, networkStates, reaches } from './check-arbitraries.ts';

type Of<M extends { readonly kind: string }, K extends M['kind']> = Extract<M, { readonly kind: K }>;

const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,30}$/);
const whole = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const address = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => {
  const ip = parseIp(text);
  if (!ip) throw new Error(text);
  return formatIp(ip);
});
const hostPort = fc
  .tuple(address, fc.integer({ min: 1, max: 65_535 }))
  .map(([host, port]) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`));
const mac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':'));
const node = name.map(nodeName);
const pool = name.map(poolName);
const lease = fc.record({ incarnation: name.map(incarnation), epoch: whole.map(epoch) });
const term = fc.record({
  number: whole,
  instance: fc.record({ id: name.map(controllerId), priority: fc.nat(), address, nonce: name }),
});
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const few = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(value, { maxLength: 5 });
const kind = <K extends string>(text: K): fc.Arbitrary<K> => fc.constant(text);
const vip = address.map(vipAddress);
const perVip = <T extends { readonly vip: string }>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.uniqueArray(value, { maxLength: 5, selector: (item) => item.vip });
const holds = few(fc.record({ pool, members: few(node) }));
const place = { vip, pool, interface: name, prefixLength: fc.integer({ min: 1, max: 32 }) };
const electorate = fc
  .tuple(fc.integer({ min: 1, max: 999_999 }), fc.nat(0x7fffffff))
  .map(([version, digest]) => `${version}:${digest.toString(16).padStart(8, '0')}` as ElectorateName);
const capability = fc.record({ active: fc.boolean(), message: fc.string() });

const refusal = fc.constantFrom<RefusalReason>(
  'AddressNotAllowed',
  'InterfaceNotAllowed',
  'AddressInUse',
  'BindFailed',
  'AddressConflict',
  'HolderAnswers',
);
const nackReason = fc.constantFrom<NackReason>('Revoked', 'Abstaining', 'Standby', 'OtherElectorate');

const member = fc.record({ id: name.map(controllerId), address: hostPort });
const members = fc.uniqueArray(member, { maxLength: 5, minLength: 1, selector: ({ id }) => id });
const electorates: fc.Arbitrary<Electorate> = fc
  .tuple(whole, members, maybe(member))
  .map(([version, list, joining]) => ({ version, members: list, ...(joining && { joining }) }));

const hello: fc.Arbitrary<Of<AgentMessage, 'hello'>> = fc.record({
  kind: kind('hello'),
  node,
  machineId: name,
  bootId: name,
  lease,
  leaseHeldMs: fc.double({ min: 0, max: 1e12, noNaN: true }).map((ms) => ms + 0),
  labels: fc.dictionary(name, name, { noNullPrototype: true }),
  agentVersion: name,
  electorate: maybe(electorate),
  witnessAddress: fc.oneof(fc.constant(''), hostPort),
  answersMulticast: fc.boolean(),
});
const heartbeat: fc.Arbitrary<Of<AgentMessage, 'heartbeat'>> = fc.record({
  kind: kind('heartbeat'),
  sequence: whole,
  lease,
  leaseValid: fc.boolean(),
  highestTerm: maybe(term),
  electorate: fc.nat(),
  restsOn: fc.nat(),
});
const health: fc.Arbitrary<Of<AgentMessage, 'health'>> = fc.record({
  kind: kind('health'),
  number: whole,
  interfaces: few(
    fc.record({
      name,
      mac: fc.oneof(fc.constant(''), mac),
      carrier: fc.boolean(),
      addresses: few(fc.constant('192.0.2.1/24')),
    }),
  ),
  fence: capability,
  realtime: maybe(capability),
  checks: checkStates,
  management: networkStates,
  service: networkStates,
  reach: reaches,
  answering: addresses,
  leaving: fc.boolean(),
  load: maybe(
    fc.record({ processorPercent: fc.integer({ max: 100, min: 0 }), memoryPercent: fc.integer({ max: 100, min: 0 }) }),
  ),
});
const applied: fc.Arbitrary<Of<AgentMessage, 'applied'>> = fc.record({
  kind: kind('applied'),
  lease,
  term: maybe(term),
  version: fc.nat(),
  held: perVip(fc.record(place)),
  refused: few(fc.record({ vip, reason: refusal, message: fc.string() })),
  rivals: few(fc.record({ vip, mac })),
  holds,
});
const barred: fc.Arbitrary<Of<AgentMessage, 'barred'>> = fc.record({
  kind: kind('barred'),
  node,
  lease,
  number: whole,
  by: lease,
});

export const agentMessages: fc.Arbitrary<AgentMessage> = fc.oneof(
  hello,
  heartbeat,
  health,
  applied,
  barred,
  fc.record({ kind: kind('goodbye'), reason: fc.string() }),
);

const assignment: fc.Arbitrary<Of<ControllerMessage, 'assignment'>> = fc.record({
  kind: kind('assignment'),
  term,
  version: whole,
  node,
  lease,
  vips: perVip(
    fc.record({
      ...place,
      announce: fc.record({
        count: fc.integer({ min: 1, max: 20 }),
        intervalMs: fc.integer({ min: 1, max: 60_000 }),
        refreshMs: fc.nat(86_400_000),
      }),
    }),
  ),
  probes: perVip(fc.record({ vip, formerMacs: few(mac), insistent: fc.boolean() })),
  holdPools: few(fc.record({ name: pool, members: few(fc.record({ node, addresses: few(hostPort) })) })),
});

export const controllerMessages: fc.Arbitrary<ControllerMessage> = fc.oneof(
  fc.record({
    kind: kind('ack'),
    sequence: whole,
    term: maybe(term),
    master: maybe(name.map(controllerId)),
    electorate: fc.nat(),
  }),
  fc.record({ kind: kind('electorate'), electorate: electorates }),
  fc.record({ kind: kind('nack'), sequence: whole, term: maybe(term), reason: nackReason }),
  fc.record({ kind: kind('bar'), term, node, lease, number: whole, lift: fc.boolean() }),
  fc.tuple(term, checkConfigs).map(([of, config]) => ({ kind: 'config' as const, term: of, ...config })),
  assignment,
);

const knownLease = fc.record({
  node,
  lease,
  revoked: fc.boolean(),
  restored: fc.nat(),
  knocking: fc.boolean(),
  holds,
});

export const peerMessages: fc.Arbitrary<PeerMessage> = fc.oneof(
  fc.record({ kind: kind('vote-request'), round: whole, term, preVote: fc.boolean(), electorate }),
  fc.record({
    kind: kind('vote-answer'),
    round: whole,
    term,
    preVote: fc.boolean(),
    granted: fc.boolean(),
    reason: fc.string(),
    highestTerm: maybe(term),
    leases: few(knownLease),
    electorate,
  }),
  fc.record({
    kind: kind('beat'),
    sequence: whole,
    term,
    electorate,
    knownTable: fc.oneof(fc.constant(''), name),
    restores: few(fc.record({ node, lease, number: whole })),
    spent: few(fc.record({ node, lease })),
  }),
  fc.record({
    kind: kind('beat-answer'),
    sequence: whole,
    term,
    accepted: fc.boolean(),
    reason: fc.string(),
    highestTerm: maybe(term),
    table: name,
    leases: maybe(few(knownLease)),
    electorate,
    node: maybe(node),
  }),
  fc.record({ kind: kind('step-down'), term, successor: maybe(name.map(controllerId)) }),
  fc.record({ kind: kind('changed'), term }),
  fc.record({ kind: kind('electorate'), electorate: electorates }),
  fc.record({ kind: kind('wish'), electorate, address: hostPort, wanted: members, hears: few(node) }),
);

export const peerHellos = fc.record({ kind: kind('hello'), id: name.map(controllerId) });

export const questions: fc.Arbitrary<Of<WitnessMessage, 'confirm-request'>> = fc.record({
  kind: kind('confirm-request'),
  node,
  lease,
  sequence: whole,
});

export const answers = fc.record({
  from: node,
  message: fc.record({
    kind: kind('confirm-answer'),
    node,
    lease,
    sequence: whole,
    confirmed: fc.boolean(),
  }),
});
