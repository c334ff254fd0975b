import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An archive of an official release. `{version}` and `{arch}` (amd64, arm64) in `path` are filled in. */
export interface Archive {
  readonly version: string;
  /** Path below the base URL, beginning with a slash. */
  readonly path: string;
  /** `sha256:HEX` or `sha512:HEX` by architecture. Nothing is downloaded without one. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** A folder beside this file with a go.mod of its own. */
export interface GoModule {
  readonly version: string;
  readonly ldflags: string;
}

export interface ToolSpec {
  /** Oldest version that will do where a request names none. */
  readonly minVersion: string;
  /** Arguments that make the program print its version. */
  readonly versionArgs: readonly string[];
  readonly release?: { readonly archive: string; readonly member: string };
  /** `versionOf`: whose version go.mod pins where the package is our own; default the package. */
  readonly goBuild?: { readonly module: string; readonly package: string; readonly versionOf?: string };
  readonly debian?: { readonly package: string; readonly member: string };
}

/** Everything in versions.json: what is pinned, and where each tool can come from. */
export interface Catalog {
  readonly archives: Readonly<Record<string, Archive>>;
  readonly modules: Readonly<Record<string, GoModule>>;
  readonly tools: Readonly<Record<string, ToolSpec>>;
}

export const TOOLS_DIR = import.meta.dirname;

export const loadCatalog = (): Catalog => JSON.parse(readFileSync(join(TOOLS_DIR, 'versions.json'), 'utf8')) as Catalog;

/** @throws Error naming the known tools. */
export function specOf(catalog: Catalog, name: string): ToolSpec {
  const spec = catalog.tools[name];
  if (spec === undefined) {
    throw new Error(`unknown tool "${name}"; known are: ${Object.keys(catalog.tools).join(' ')}`);
  }
  return spec;
}

/** Replaces `{key}` by its value. */
export const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
