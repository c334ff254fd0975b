import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFile } from '../source/files.ts';
import { literalText, parse, type SyntaxNode, walk } from '../source/syntax.ts';

/** A behaviour that the product promises. */
export interface Row {
  readonly id: string;
  readonly title: string;
}

export interface Coverage {
  readonly rows: readonly { readonly row: Row; readonly tests: readonly string[] }[];
  /** Titles that begin with an id that no row has. */
  readonly unknown: readonly string[];
}

const TEST_FUNCTIONS = new Set(['describe', 'describeWith', 'it', 'test']);
/** One id or more at the beginning of a title: `A7 ...`, `A7 A8 ...`, `A7, A8: ...`. */
const LEADING_IDS = /^(?:[A-E]\d+\b[ ,:]*)+/;

export const loadRows = (): Row[] => JSON.parse(readFileSync(join(import.meta.dirname, 'rows.json'), 'utf8')) as Row[];

/** Name of the function that is called, through `.each`, `.skip` and the call of what `.each` returns. */
function calledName(node: unknown): string | undefined {
  const callee = node as SyntaxNode | undefined;
  if (callee === undefined) return undefined;
  switch (callee.type) {
    case 'Identifier':
      return callee['value'] as string;
    case 'MemberExpression':
      return calledName(callee['object']);
    case 'CallExpression':
      return calledName(callee['callee']);
    case 'TaggedTemplateExpression':
      return calledName(callee['tag']);
    default:
      return undefined;
  }
}

/** Titles of all tests and groups of tests in a file. */
export function titlesOf(file: SourceFile): string[] {
  const titles: string[] = [];
  walk(parse(file), (node) => {
    if (node.type !== 'CallExpression' || !TEST_FUNCTIONS.has(calledName(node['callee']) ?? '')) return;
    const args = node['arguments'] as readonly { expression: unknown }[];
    const title = args.map(({ expression }) => literalText(expression)).find((text) => text !== undefined);
    if (title !== undefined) titles.push(title);
  });
  return titles;
}

export const idsOf = (title: string): string[] => LEADING_IDS.exec(title)?.[0].match(/[A-E]\d+/g) ?? [];

/** Which tests prove which row, by the ids at the beginning of their titles. */
export function coverageOf(rows: readonly Row[], files: readonly SourceFile[]): Coverage {
  const known = new Set(rows.map(({ id }) => id));
  const tests = files.flatMap((file) =>
    titlesOf(file).map((title) => ({ ids: idsOf(title), text: `${title} (${file.path})` })),
  );
  return {
    rows: rows.map((row) => ({
      row,
      tests: tests.filter(({ ids }) => ids.includes(row.id)).map(({ text }) => text),
    })),
    unknown: tests.filter(({ ids }) => ids.some((id) => !known.has(id))).map(({ text }) => text),
  };
}
