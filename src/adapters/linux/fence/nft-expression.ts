/** Expressions of nf_tables rules (linux/netfilter/nf_tables.h). Numbers in attributes are big-endian. */
import { type Attribute, encodeAttributes } from '../netlink-message.ts';

const NLA_F_NESTED = 0x8000;

export const nested = (type: number, attributes: readonly Attribute[]): Attribute => [
  type | NLA_F_NESTED,
  encodeAttributes(attributes),
];
export const text = (type: number, value: string): Attribute => [type, Buffer.from(`${value}\0`)];
export const u32 = (type: number, value: number): Attribute => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return [type, bytes];
};
export const i32 = (type: number, value: number): Attribute => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return [type, bytes];
};
export const u64 = (type: number, value: number): Attribute => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return [type, bytes];
};

/** NFTA_LIST_ELEM */
export const LIST_ELEM = 1;
/** NFTA_DATA_VALUE */
export const DATA_VALUE = 1;
/** NFTA_DATA_VERDICT */
export const DATA_VERDICT = 2;
const VERDICT_CODE = 1;
export const VERDICT_CHAIN = 2;

/** One element of NFTA_RULE_EXPRESSIONS. */
export type Expression = Attribute;

const expression = (name: string, attributes: readonly Attribute[]): Expression =>
  nested(LIST_ELEM, [text(1, name), nested(2, attributes)]);

/** Registers: of what is matched, and of the fate of the packet. */
const VALUE = 1;
const VERDICT = 0;

type Layer = 'network' | 'transport';
const BASE: Readonly<Record<Layer, number>> = { network: 1, transport: 2 };

const META = { protocol: 1, mark: 3, transport: 16 } as const;
const LOOKUP_INVERTED = 1;
const DYNSET = { update: 1, delete: 2 } as const;
const VERDICTS = { drop: 0, jump: -3, goto: -4 } as const;

/** Loads a fact about the packet: its ethertype, or the protocol inside IP. */
export const loadMeta = (key: 'protocol' | 'transport'): Expression =>
  expression('meta', [u32(2, META[key]), u32(1, VALUE)]);

/** Loads bytes of the packet. */
export const load = (layer: Layer, offset: number, length: number): Expression =>
  expression('payload', [u32(1, VALUE), u32(2, BASE[layer]), u32(3, offset), u32(4, length)]);

/**
 * Loads 4 fixed bytes. Made of the packet's mark (all of it masked out), because `nft list` crashes on a rule that looks
 * up a plain constant.
 */
export const loadConstant = (bytes: Uint8Array): readonly Expression[] => [
  expression('meta', [u32(2, META.mark), u32(1, VALUE)]),
  expression('bitwise', [
    u32(1, VALUE),
    u32(2, VALUE),
    u32(3, bytes.length),
    nested(4, [[DATA_VALUE, new Uint8Array(bytes.length)]]),
    nested(5, [[DATA_VALUE, bytes]]),
  ]),
];

/** Goes on only where the loaded bytes are these. */
export const equals = (bytes: Uint8Array): Expression =>
  expression('cmp', [u32(1, VALUE), u32(2, 0), nested(3, [[DATA_VALUE, bytes]])]);

/** Goes on only where the loaded bytes are in the set. */
export const isIn = (set: string): Expression => expression('lookup', [text(1, set), u32(2, VALUE)]);

/** Goes on only where the loaded bytes are not in the set. */
export const isNotIn = (set: string): Expression =>
  expression('lookup', [text(1, set), u32(2, VALUE), u32(5, LOOKUP_INVERTED)]);

/** Follows the verdict of the loaded bytes in the map; goes on where it has none. */
export const followMap = (map: string): Expression =>
  expression('lookup', [text(1, map), u32(2, VALUE), u32(3, VERDICT)]);

/**
 * Makes the loaded bytes an element of the set, which ends so long from now. The kernel takes whole milliseconds and
 * makes whole jiffies of them, rounding down.
 */
export const keepIn = (set: string, timeoutMs: number): Expression =>
  expression('dynset', [text(1, set), u32(3, DYNSET.update), u32(4, VALUE), u64(6, Math.ceil(timeoutMs))]);

/** Ends the element of the set with the loaded bytes, if there is one. */
export const takeOut = (set: string): Expression =>
  expression('dynset', [text(1, set), u32(3, DYNSET.delete), u32(4, VALUE)]);

/** NFTA_VERDICT_*. @param chain where `jump` and `goto` lead. */
export const verdictData = (kind: keyof typeof VERDICTS, chain?: string): Attribute =>
  nested(DATA_VERDICT, [
    i32(VERDICT_CODE, VERDICTS[kind]),
    ...(chain === undefined ? [] : [text(VERDICT_CHAIN, chain)]),
  ]);

/** @param chain where `jump` and `goto` lead. */
export const verdict = (kind: keyof typeof VERDICTS, chain?: string): Expression =>
  expression('immediate', [u32(1, VERDICT), nested(2, [verdictData(kind, chain)])]);
