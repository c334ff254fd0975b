import { resolve } from 'node:path';
import { type Catalog, loadCatalog, TOOLS_DIR } from './catalog.ts';

/** Where the resolver looks and whom it tells; tests replace every part of it. */
export interface ToolContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly catalog: Catalog;
  readonly cacheDir: string;
  /** Folder with one Go module per `modules` entry of the catalog. */
  readonly goModulesDir: string;
  /** `amd64` or `arm64`. */
  readonly arch: string;
  /** A server that sends no header for so long is not reachable. */
  readonly connectTimeoutMs: number;
  /** A download that stands still for so long is given up. */
  readonly stallTimeoutMs: number;
  report(line: string): void;
}

export function defaultContext(): ToolContext {
  return {
    env: process.env,
    catalog: loadCatalog(),
    cacheDir: resolve(process.env['VIPPOOL_TOOLS_DIR'] ?? resolve(TOOLS_DIR, '../../.cache/tools')),
    goModulesDir: TOOLS_DIR,
    arch: process.arch === 'x64' ? 'amd64' : process.arch,
    connectTimeoutMs: 4_000,
    stallTimeoutMs: 10_000,
    report: (line) => process.stderr.write(`${line}\n`),
  };
}

/** One tool, at least so new. */
export interface ToolRequest {
  readonly name: string;
  readonly minVersion: string;
}

export type ToolSource =
  'variable' | 'KUBEBUILDER_ASSETS' | 'PATH' | 'cache' | 'release' | 'go build' | 'Debian package';

export interface Tool {
  readonly name: string;
  readonly path: string;
  readonly version: string;
  readonly source: ToolSource;
}

/** What one step of the order came to; a reason is one line without a full stop. */
export type StepResult =
  | { readonly kind: 'found'; readonly tool: Tool }
  | { readonly kind: 'none'; readonly reason: string }
  /** The user asked for something that cannot be had: the steps after this one are not tried. */
  | { readonly kind: 'wrong'; readonly reason: string };

export const none = (reason: string): StepResult => ({ kind: 'none', reason });
export const found = (tool: Tool): StepResult => ({ kind: 'found', tool });
