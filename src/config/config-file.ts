import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { Problem } from '../core/pool.ts';
import type { Gathered, Given } from './given.ts';
import { fileKeyOf, type AnyOption } from './option.ts';
import { didYouMean } from './suggest.ts';

/**
 * Reads a configuration file: a YAML mapping from option names in camel case to values. Lists may be sequences or
 * comma-separated text, "key=value" lists may be mappings. `name` is the file's name for messages.
 */
export function readConfigFile(name: string, content: string, options: readonly AnyOption[]): Gathered {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines });
  const place = (offset: number | undefined): string => `${name}:${lines.linePos(offset ?? 0).line}`;
  if (document.errors.length > 0) {
    const problems = document.errors.map((error): Problem => ({
      path: place(error.pos[0]),
      message: `not valid YAML: ${firstLine(error.message)}`,
    }));
    return { given: [], problems };
  }
  const root: unknown = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return { given: [], problems: [] };
  if (!isMap<Node, Node | null>(root)) {
    return {
      given: [],
      problems: [{ path: `${name}:1`, message: 'not a mapping; write lines such as "logLevel: info"' }],
    };
  }
  const given: Given[] = [];
  const problems: Problem[] = [];
  const byKey = new Map(options.map((option) => [fileKeyOf(option.flag), option]));
  for (const { key, value } of root.items) {
    const text = isScalar(key) ? String(key.value) : key.toString();
    const path = `${place(key.range?.[0])}: ${text}`;
    const option = byKey.get(text);
    if (!option) {
      problems.push({ path, message: `unknown key${didYouMean(text, [...byKey.keys()])}` });
      continue;
    }
    const texts = textsOf(value, option.type.many, document);
    if (typeof texts === 'string') problems.push({ path, message: texts });
    else given.push({ flag: option.flag, texts, where: path });
  }
  return { given, problems };
}

/** The texts of a value as flags would give them, or a message. */
function textsOf(node: Node | null, many: boolean, document: Document): readonly string[] | string {
  const value = isAlias(node) ? (node.resolve(document) ?? null) : node;
  const scalar = scalarText(value);
  if (scalar !== undefined) return [scalar];
  if (value === null || isScalar(value)) return 'has no value; write one, or remove the key';
  if (!many) return 'takes one value, not a list or mapping';
  const texts = isSeq<Node>(value)
    ? value.items.map(scalarText)
    : isMap<Node, Node | null>(value)
      ? value.items.map(pairText)
      : [];
  if (texts.length === 0) return 'is empty; write at least one item, or remove the key';
  const found = texts.filter((text) => text !== undefined);
  return found.length === texts.length
    ? found
    : 'has an item that is not plain text; write one text or number per item';
}

function pairText({ key, value }: { key: Node; value: Node | null }): string | undefined {
  const [left, right] = [scalarText(key), scalarText(value)];
  return left === undefined || right === undefined ? undefined : `${left}=${right}`;
}

/** The text as it stands in the file ("1s", "010"), not as YAML would understand it. */
function scalarText(node: Node | null): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  return typeof node.value === 'string' ? node.value : node.source;
}

const firstLine = (message: string): string =>
  (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, '');
