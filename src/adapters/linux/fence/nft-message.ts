/** Requests to nf_tables and its answers, all about one table of the family netdev (linux/netfilter/nf_tables.h). */
import {
  type Attribute,
  attributeList,
  attributesOf,
  encodeMessage,
  type NetlinkMessage,
  NLM_F_CREATE,
  NLM_F_DUMP,
} from '../netlink-message.ts';
import {
  DATA_VALUE,
  DATA_VERDICT,
  type Expression,
  i32,
  LIST_ELEM,
  nested,
  text,
  u32,
  VERDICT_CHAIN,
  verdictData,
} from './nft-expression.ts';

const NFPROTO_NETDEV = 5;
const SUBSYSTEM = 10;
const HEADER_BYTES = 4;
const BATCH_BEGIN = 0x10;
const BATCH_END = 0x11;
const NLM_F_APPEND = 0x800;

const OP = {
  newTable: 0,
  getTable: 1,
  deleteTable: 2,
  newChain: 3,
  getChain: 4,
  deleteChain: 5,
  newRule: 6,
  getRule: 7,
  newSet: 9,
  newElements: 12,
  getElements: 13,
  deleteElements: 14,
  getGeneration: 16,
} as const;

const header = (family: number, resource: number): Buffer => Buffer.of(family, 0, resource >> 8, resource & 0xff);
const request = (op: keyof typeof OP, flags: number, attributes: readonly Attribute[]): Buffer =>
  encodeMessage((SUBSYSTEM << 8) | OP[op], flags, header(NFPROTO_NETDEV, 0), attributes);

/** The requests as one atomic change. */
export const framed = (requests: readonly Buffer[]): Buffer[] => [
  encodeMessage(BATCH_BEGIN, 0, header(0, SUBSYSTEM)),
  ...requests,
  encodeMessage(BATCH_END, 0, header(0, SUBSYSTEM)),
];

/** Flags of a table: only its owner may change it; it outlives its owner. */
export const TABLE_OWNER = 2;
export const TABLE_PERSIST = 4;

const TABLE = { name: 1, flags: 2, userdata: 6 } as const;
const USERDATA_COMMENT = 0;

export const newTable = (table: string, flags: number, comment: string): Buffer => {
  const line = Buffer.from(`${comment}\0`);
  return request('newTable', NLM_F_CREATE, [
    text(TABLE.name, table),
    u32(TABLE.flags, flags),
    [TABLE.userdata, Buffer.concat([Buffer.of(USERDATA_COMMENT, line.length), line])],
  ]);
};
export const deleteTable = (table: string): Buffer => request('deleteTable', 0, [text(TABLE.name, table)]);
export const getTable = (table: string): Buffer => request('getTable', 0, [text(TABLE.name, table)]);

/** The comment of a table; '' where it has none. */
export function decodeTable({ payload }: NetlinkMessage): string {
  const userdata = attributesOf(payload, HEADER_BYTES).get(TABLE.userdata);
  if (userdata?.[0] !== USERDATA_COMMENT) return '';
  return userdata.toString('utf8', 2, 1 + (userdata[1] ?? 0));
}

export type Hook = 'ingress' | 'egress';
const HOOKS: Readonly<Record<Hook, number>> = { ingress: 0, egress: 1 };
const NF_ACCEPT = 1;
/** Before everything else that people commonly hook in. */
const PRIORITY = -500;

/** A chain that packets of an interface pass. */
export const newBaseChain = (table: string, chain: string, hook: Hook, device: string): Buffer =>
  request('newChain', NLM_F_CREATE, [
    text(1, table),
    text(3, chain),
    nested(4, [u32(1, HOOKS[hook]), i32(2, PRIORITY), text(3, device)]),
    u32(5, NF_ACCEPT),
    text(7, 'filter'),
  ]);
/** A chain that rules lead to. */
export const newChain = (table: string, chain: string): Buffer =>
  request('newChain', NLM_F_CREATE, [text(1, table), text(3, chain)]);
/** Together with its rules. */
export const deleteChain = (table: string, chain: string): Buffer =>
  request('deleteChain', 0, [text(1, table), text(3, chain)]);

export interface ChainName {
  readonly table: string;
  readonly chain: string;
}

const textOf = (value: Buffer | undefined): string => value?.toString('utf8', 0, value.length - 1) ?? '';

/** Chains of all tables of the family. */
export const dumpChains = (): Buffer => request('getChain', NLM_F_DUMP, []);
export function decodeChain({ payload }: NetlinkMessage): ChainName {
  const attributes = attributesOf(payload, HEADER_BYTES);
  return { table: textOf(attributes.get(1)), chain: textOf(attributes.get(3)) };
}

export const newRule = (table: string, chain: string, expressions: readonly Expression[]): Buffer =>
  request('newRule', NLM_F_CREATE | NLM_F_APPEND, [text(1, table), text(2, chain), nested(4, expressions)]);
/** Rules of the table: nothing where there is no such table. */
export const dumpRules = (table: string): Buffer => request('getRule', NLM_F_DUMP, [text(1, table)]);
export function decodeRule({ payload }: NetlinkMessage): ChainName {
  const attributes = attributesOf(payload, HEADER_BYTES);
  return { table: textOf(attributes.get(1)), chain: textOf(attributes.get(2)) };
}

/** Types of keys, for people who list the table. */
export const KEY_TYPE = { ipv4: 7, ipv6: 8, mark: 19 } as const;
/** Its elements have verdicts. */
export const SET_MAP = 0x8;
const DATA_TYPE_VERDICT = 0xffff_ff00;
const VERDICT_BYTES = 16;
export const SET_TIMEOUT = 0x10;
/** Rules change its elements. */
export const SET_DYNAMIC = 0x20;

export interface SetShape {
  readonly name: string;
  /** Different for each set of one change. */
  readonly id: number;
  readonly flags: number;
  readonly keyType: number;
  readonly keyBytes: number;
  readonly maxElements?: number;
}

export const newSet = (table: string, shape: SetShape): Buffer =>
  request('newSet', NLM_F_CREATE, [
    text(1, table),
    text(2, shape.name),
    u32(3, shape.flags),
    u32(4, shape.keyType),
    u32(5, shape.keyBytes),
    ...((shape.flags & SET_MAP) === 0 ? [] : [u32(6, DATA_TYPE_VERDICT), u32(7, VERDICT_BYTES)]),
    ...(shape.maxElements === undefined ? [] : [nested(9, [u32(1, shape.maxElements)])]),
    u32(10, shape.id),
  ]);

export interface Element {
  readonly key: Uint8Array;
  /** Of a map: the chain that the packet goes to. */
  readonly chain?: string;
  /** Time that is left, of an element with a timeout. */
  readonly expiresMs?: number;
}

/** An attribute's length has 16 bits. */
const ELEMENTS_PER_REQUEST = 1_000;

const ELEMENT = { key: 1, data: 2, expires: 5 } as const;
const elementList = (elements: readonly Element[]): Attribute =>
  nested(
    3,
    elements.map(({ key, chain }) =>
      nested(LIST_ELEM, [
        nested(ELEMENT.key, [[DATA_VALUE, key]]),
        ...(chain === undefined ? [] : [nested(ELEMENT.data, [verdictData('goto', chain)])]),
      ]),
    ),
  );

function elementRequests(
  op: 'newElements' | 'deleteElements',
  flags: number,
  table: string,
  set: string,
  elements: readonly Element[],
): Buffer[] {
  const requests: Buffer[] = [];
  for (let first = 0; first < elements.length; first += ELEMENTS_PER_REQUEST) {
    const some = elements.slice(first, first + ELEMENTS_PER_REQUEST);
    requests.push(request(op, flags, [text(1, table), text(2, set), elementList(some)]));
  }
  return requests;
}

export const addElements = (table: string, set: string, elements: readonly Element[]): Buffer[] =>
  elementRequests('newElements', NLM_F_CREATE, table, set, elements);
export const deleteElements = (table: string, set: string, elements: readonly Element[]): Buffer[] =>
  elementRequests(
    'deleteElements',
    0,
    table,
    set,
    elements.map(({ key }) => ({ key })),
  );

/** One element: fails with ENOENT where it is not there or has ended. */
export const getElement = (table: string, set: string, key: Uint8Array): Buffer =>
  request('getElements', 0, [text(1, table), text(2, set), elementList([{ key }])]);
export const dumpElements = (table: string, set: string): Buffer =>
  request('getElements', NLM_F_DUMP, [text(1, table), text(2, set)]);

/** Copies: they outlive the datagram. */
export function decodeElements({ payload }: NetlinkMessage): Element[] {
  const list = attributesOf(payload, HEADER_BYTES).get(3);
  if (!list) return [];
  return attributeList(list, 0).flatMap(([, element]) => {
    const attributes = attributesOf(element, 0);
    const key = inside(attributes.get(ELEMENT.key), DATA_VALUE);
    if (!key) return [];
    const chain = inside(inside(attributes.get(ELEMENT.data), DATA_VERDICT), VERDICT_CHAIN);
    const expires = attributes.get(ELEMENT.expires);
    return [
      {
        key: Uint8Array.from(key),
        ...(chain && { chain: textOf(chain) }),
        ...(expires && { expiresMs: Number(expires.readBigUInt64BE(0)) }),
      },
    ];
  });
}

const inside = (nest: Buffer | undefined, type: number): Buffer | undefined => nest && attributesOf(nest, 0).get(type);

/** The number of changes to the ruleset of this network namespace, by whomever. */
export const getGeneration = (): Buffer => encodeMessage((SUBSYSTEM << 8) | OP.getGeneration, 0, header(0, 0));
export const decodeGeneration = ({ payload }: NetlinkMessage): number | undefined =>
  attributesOf(payload, HEADER_BYTES).get(1)?.readUInt32BE(0);
