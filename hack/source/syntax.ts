import { parseSync } from '@swc/core';
import type { SourceFile } from './files.ts';

/** A node of swc's syntax tree; only its type is known in general. */
export interface SyntaxNode {
  readonly type: string;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** Calls `visit` for every node below `root`, parents first. */
export function walk(root: unknown, visit: (node: SyntaxNode) => void): void {
  if (Array.isArray(root)) {
    for (const item of root) walk(item, visit);
    return;
  }
  if (typeof root !== 'object' || root === null) return;
  if (isNode(root)) visit(root);
  for (const value of Object.values(root)) if (typeof value === 'object') walk(value, visit);
}

/** @throws Error naming the file where it is not TypeScript. */
export function parse(file: SourceFile): SyntaxNode {
  try {
    return parseSync(file.text, { syntax: 'typescript', target: 'es2024' }) as unknown as SyntaxNode;
  } catch (error) {
    throw new Error(`${file.path} cannot be parsed`, { cause: error });
  }
}

/** The text of a string literal, or of a template up to its first expression. */
export function literalText(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'StringLiteral') return node['value'] as string;
  if (node.type !== 'TemplateLiteral') return undefined;
  return (node['quasis'] as readonly { cooked?: string; raw: string }[])[0]?.raw;
}
