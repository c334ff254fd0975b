import { parseArgs } from 'node:util';
import type { Problem } from '../core/pool.ts';
import type { Gathered, Given } from './given.ts';
import type { AnyOption } from './option.ts';
import { didYouMean } from './suggest.ts';

export interface Arguments extends Gathered {
  /** `--help` and `--version` were given; they win over every problem. */
  readonly help: boolean;
  readonly version: boolean;
  /** Words that are neither options nor their values. */
  readonly words: readonly string[];
}

/** The part of a token of node:util's parseArgs that matters here. */
type Token =
  | { readonly kind: 'positional'; readonly index: number; readonly value: string }
  | {
      readonly kind: 'option';
      readonly index: number;
      readonly name: string;
      readonly rawName: string;
      readonly value?: string | undefined;
      readonly inlineValue?: boolean | undefined;
    }
  | { readonly kind: 'option-terminator'; readonly index: number };

const SWITCHES = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

/** Sorts the words after the command into options and other words. Reads no value yet. */
export function readArguments(argv: readonly string[], options: readonly AnyOption[]): Arguments {
  const texts = new Map<string, string[]>();
  const problems: Problem[] = [];
  const words: string[] = [];
  const switches = new Set<string>();
  const known = new Map(options.map((option) => [option.flag, option]));
  const names = [...known.keys(), ...Object.keys(SWITCHES)].map((flag) => `--${flag}`);
  let skipWordAt = -1;
  for (const token of tokensOf(argv, options)) {
    if (token.kind === 'positional') {
      if (token.index !== skipWordAt) words.push(token.value);
    } else if (token.kind === 'option') {
      const { name, rawName, value } = token;
      if (Object.hasOwn(SWITCHES, name)) {
        switches.add(name);
      } else if (!known.has(name)) {
        problems.push({ path: rawName, message: `unknown option${didYouMean(rawName, names)}` });
        // The word after it was most likely meant as its value.
        skipWordAt = token.index + 1;
      } else if (value === undefined && known.get(name)?.type.bare === undefined) {
        problems.push({
          path: rawName,
          message: `has no value; write ${rawName} ${known.get(name)?.type.placeholder}`,
        });
      } else {
        texts.set(name, [...(texts.get(name) ?? []), value ?? known.get(name)?.type.bare ?? '']);
      }
    }
  }
  const given = [...texts].map(([flag, values]): Given => ({ flag, texts: values, where: `--${flag}` }));
  return { given, problems, words, help: switches.has('help'), version: switches.has('version') };
}

/**
 * The tokens of node:util, but an option never takes another option ("--listen --etcd URL") as its value: what looks
 * like a swallowed option is cut off and read again.
 */
function tokensOf(argv: readonly string[], options: readonly AnyOption[]): readonly Token[] {
  const config = {
    ...SWITCHES,
    ...Object.fromEntries(
      options.map(({ flag, short, type }) => {
        const kind = type.bare === undefined ? ('string' as const) : ('boolean' as const);
        return [flag, { type: kind, ...(short === undefined ? {} : { short }) }];
      }),
    ),
  };
  const { tokens } = parseArgs({
    args: [...argv],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const swallowed = tokens.find(
    (token) => token.kind === 'option' && !token.inlineValue && token.value?.startsWith('--') === true,
  );
  if (swallowed?.kind !== 'option') return tokens;
  const before = tokens.filter((token) => token.index < swallowed.index);
  const start = swallowed.index + 1;
  const after = tokensOf(argv.slice(start), options).map((token) => ({ ...token, index: token.index + start }));
  return [...before, { ...swallowed, value: undefined, inlineValue: undefined }, ...after];
}
