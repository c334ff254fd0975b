/**
 * The table of the fence. Each packet of a service interface costs one look into a map from addresses to the chains of
 * their classes, and only packets of fenced addresses a second one: is the class alive? Its element of `lease` ends by
 * itself.
 *
 * Packets that only speak about a VIP pass: this host may be a client of a VIP that another one holds, has to hear who
 * holds it, and asks before it binds one. Hence nothing is asked of incoming ARP: whatever answers it does not get out.
 *
 * The rules keep to forms that `nft list` has words for: some that the kernel takes make it crash, and others rely on it.
 */
import { AT, classKey, KEY_BYTES, KIND, WORD_BYTES } from './datagram.ts';
import type { FenceTimes } from './ladder.ts';
import {
  equals,
  type Expression,
  followMap,
  isIn,
  isNotIn,
  keepIn,
  load,
  loadConstant,
  loadMeta,
  takeOut,
  verdict,
} from './nft-expression.ts';
import {
  KEY_TYPE,
  newBaseChain,
  newChain,
  newRule,
  newSet,
  SET_DYNAMIC,
  SET_MAP,
  SET_TIMEOUT,
  type SetShape,
} from './nft-message.ts';

export const TABLE = 'vippool';

export const SET = { managed4: 'managed4', managed6: 'managed6', lease: 'lease', guard: 'guard' } as const;

const CHAIN = {
  incoming: 'incoming',
  outgoing: 'outgoing',
  heartbeat: 'heartbeat',
  command: 'command',
  guarded: 'guarded',
} as const;

/** Names the rules below: another number, another comment, and a table of an earlier release is replaced. */
const LAYOUT = 2;

/** What differs between the rules of one table and those of another. */
export interface FenceRules {
  readonly times: FenceTimes;
  /** Of the loopback datagrams. */
  readonly port: number;
  /** Of the table; in every datagram. */
  readonly word: Uint8Array;
}

const withoutWord = ({ times: { guardMs, stepsMs }, port }: Omit<FenceRules, 'word'>): string =>
  `vippool fence ${LAYOUT}: port ${port}, ms: guard ${Math.ceil(guardMs)}, steps ${stepsMs.map(Math.ceil).join(' ')}, word `;

/**
 * The comment of the table. All that differs between rules stands in it: only a table with the same ones is kept. The word
 * is there for the next agent; whoever may read tables may also change them.
 */
export const commentOf = (rules: FenceRules): string => withoutWord(rules) + Buffer.from(rules.word).toString('hex');

/** The word of a table with such rules; undefined where its comment is that of other ones. */
export function wordIn(comment: string, rules: Omit<FenceRules, 'word'>): Uint8Array | undefined {
  const before = withoutWord(rules);
  const word = comment.startsWith(before) ? comment.slice(before.length) : '';
  return /^[0-9a-f]+$/.test(word) && word.length === 2 * WORD_BYTES ? Buffer.from(word, 'hex') : undefined;
}

const MANY_CLASSES = 1 << 17;
const SETS: readonly SetShape[] = [
  { name: SET.managed4, id: 1, flags: SET_MAP, keyType: KEY_TYPE.ipv4, keyBytes: 4 },
  { name: SET.managed6, id: 2, flags: SET_MAP, keyType: KEY_TYPE.ipv6, keyBytes: 16 },
  ...[SET.lease, SET.guard].map((name, index) => ({
    name,
    id: 3 + index,
    flags: SET_TIMEOUT | SET_DYNAMIC,
    keyType: KEY_TYPE.mark,
    keyBytes: KEY_BYTES,
    maxElements: MANY_CLASSES,
  })),
];

const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');
const ethertype = (digits: string): Expression[] => [loadMeta('protocol'), equals(hex(digits))];
const IPV4 = ethertype('0800');
const IPV6 = ethertype('86dd');
/** Ethernet and IPv4 */
const ARP = [...ethertype('0806'), load('network', 0, 6), equals(hex('000108000604'))];
const ARP_SENDER = load('network', 14, 4);
const neighbourDiscovery = (type: string): Expression[] => [
  ...IPV6,
  load('network', 6, 1),
  equals(hex('3a')),
  load('network', 40, 1),
  equals(hex(type)),
  load('network', 48, 16),
];
const SOLICITED = neighbourDiscovery('87');
const ADVERTISED = neighbourDiscovery('88');

const INCOMING: readonly Expression[][] = [
  [...IPV4, load('network', 16, 4), followMap(SET.managed4)],
  [...SOLICITED, followMap(SET.managed6)],
  [...IPV6, load('network', 24, 16), followMap(SET.managed6)],
];
const OUTGOING: readonly Expression[][] = [
  [...ARP, ARP_SENDER, followMap(SET.managed4)],
  [...IPV4, load('network', 12, 4), followMap(SET.managed4)],
  // Also from another source address, as a proxy answers.
  [...ADVERTISED, followMap(SET.managed6)],
  [...IPV6, load('network', 8, 16), followMap(SET.managed6)],
];

const CLASS_PREFIX = 'class-';
/** Where packets of the addresses of a class go: they pass while it is alive. */
export const classChain = (fenceClass: number): string => `${CLASS_PREFIX}${fenceClass}`;
/** undefined for another chain. */
export const classOfChain = (chain: string): number | undefined =>
  chain.startsWith(CLASS_PREFIX) ? Number(chain.slice(CLASS_PREFIX.length)) : undefined;

export const newClass = (fenceClass: number): Buffer[] => [
  newChain(TABLE, classChain(fenceClass)),
  newRule(TABLE, classChain(fenceClass), [...loadConstant(classKey(fenceClass)), isNotIn(SET.lease), verdict('drop')]),
];

const LOAD_CLASS = load('transport', AT.fenceClass, KEY_BYTES);
const kindIs = (kind: keyof typeof KIND): Expression[] => [
  load('transport', AT.kind, 1),
  equals(Buffer.of(KIND[kind])),
];
const stepIs = (kind: keyof typeof KIND, step: number): Expression[] => [
  load('transport', AT.kind, 2),
  equals(Buffer.of(KIND[kind], step)),
];

function heartbeatRules(port: number, word: Uint8Array): Expression[][] {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(port, 0);
  ports.writeUInt16BE(port, 2);
  const ours = [
    ...IPV4,
    loadMeta('transport'),
    equals(hex('11')),
    // From 127.0.0.1, from and to this port: an unprivileged process cannot send this.
    load('network', 12, 4),
    equals(hex('7f000001')),
    load('transport', 0, 4),
    equals(ports),
  ];
  return [
    [...ours, load('transport', AT.word, WORD_BYTES), equals(word), verdict('goto', CHAIN.command)],
    [...ours, verdict('drop')],
  ];
}

const commandRules = (times: FenceTimes): Expression[][] => [
  [...kindIs('guard'), LOAD_CLASS, keepIn(SET.guard, times.guardMs), verdict('drop')],
  [...kindIs('close'), LOAD_CLASS, takeOut(SET.lease), takeOut(SET.guard), verdict('drop')],
  [LOAD_CLASS, isIn(SET.guard), verdict('goto', CHAIN.guarded)],
  [verdict('drop')],
];

const guardedRules = ({ stepsMs }: FenceTimes): Expression[][] => [
  ...stepsMs.flatMap((ms, index) => [
    [...stepIs('refresh', index + 1), LOAD_CLASS, isIn(SET.lease), keepIn(SET.lease, ms), verdict('drop')],
    [...stepIs('acquire', index + 1), LOAD_CLASS, keepIn(SET.lease, ms), verdict('drop')],
  ]),
  [verdict('drop')],
];

const rulesByChain = ({ times, port, word }: FenceRules): readonly (readonly [string, readonly Expression[][]])[] => [
  [CHAIN.incoming, INCOMING],
  [CHAIN.outgoing, OUTGOING],
  [CHAIN.guarded, guardedRules(times)],
  [CHAIN.command, commandRules(times)],
  [CHAIN.heartbeat, heartbeatRules(port, word)],
];

/** Everything inside the new, empty table but its service interfaces and addresses. */
export const tableContent = (rules: FenceRules): Buffer[] => [
  ...SETS.map((shape) => newSet(TABLE, shape)),
  ...rulesByChain(rules).map(([chain]) =>
    chain === CHAIN.heartbeat ? newBaseChain(TABLE, chain, 'ingress', 'lo') : newChain(TABLE, chain),
  ),
  ...rulesByChain(rules).flatMap(([chain, each]) => each.map((rule) => newRule(TABLE, chain, rule))),
];

/** How many rules each chain of `tableContent` has. */
export const ruleCounts = (rules: FenceRules): ReadonlyMap<string, number> =>
  new Map(rulesByChain(rules).map(([chain, each]) => [chain, each.length]));

const DIRECTIONS = [
  { prefix: 'in-', hook: 'ingress', chain: CHAIN.incoming },
  { prefix: 'out-', hook: 'egress', chain: CHAIN.outgoing },
] as const;

/** Chains of a service interface. */
export const interfaceChains = (name: string): string[] => DIRECTIONS.map(({ prefix }) => `${prefix}${name}`);
export const isInterfaceChain = (chain: string): boolean => DIRECTIONS.some(({ prefix }) => chain.startsWith(prefix));

/** Puts an interface, which has to be there, behind the fence. */
export const attachInterface = (name: string): Buffer[] =>
  DIRECTIONS.flatMap(({ prefix, hook, chain }) => [
    newBaseChain(TABLE, `${prefix}${name}`, hook, name),
    newRule(TABLE, `${prefix}${name}`, [verdict('jump', chain)]),
  ]);
