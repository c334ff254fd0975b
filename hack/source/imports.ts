import { posix } from 'node:path';
import type { SourceFile } from './files.ts';
import { literalText, parse, type SyntaxNode, walk } from './syntax.ts';

export interface Import {
  readonly from: string;
  /** As written; for relative imports resolved to a path in the repository. */
  readonly to: string;
  readonly relative: boolean;
  /** Gone after compilation. `import { type X }` is not: it leaves an import for its side effects. */
  readonly typeOnly: boolean;
}

/** Every import of a file: static, re-export, dynamic, and require. */
export function importsOf(file: SourceFile): Import[] {
  const imports: Import[] = [];
  const add = (specifier: string | undefined, typeOnly: boolean): void => {
    if (specifier === undefined) return;
    const relative = specifier.startsWith('.');
    const to = relative ? posix.join(posix.dirname(file.path), specifier) : specifier;
    imports.push({ from: file.path, to, relative, typeOnly });
  };
  walk(parse(file), (node) => {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration':
        add(literalText(node['source']), node['typeOnly'] === true);
        return;
      case 'CallExpression':
        add(calledModule(node), false);
        return;
      case 'TsImportType':
        add(literalText(node['argument']), true);
    }
  });
  return imports;
}

/** The module of `import('x')`, `require('x')` or `import.meta.resolve('x')`. */
function calledModule(call: SyntaxNode): string | undefined {
  const callee = call['callee'] as SyntaxNode;
  const [first] = call['arguments'] as readonly { expression: unknown }[];
  const loads =
    callee.type === 'Import' ||
    (callee.type === 'Identifier' && callee['value'] === 'require') ||
    (callee.type === 'MemberExpression' && (callee['object'] as SyntaxNode).type === 'MetaProperty');
  return loads ? literalText(first?.expression) : undefined;
}
