import { LineCounter, parseAllDocuments, type Document } from 'yaml';

export const API_VERSION = 'vippool.io/v1alpha1';

const KINDS = ['VipPool', 'NodeHealth', 'VipTask'] as const;

export type ManifestKind = (typeof KINDS)[number];

export interface Manifest {
  readonly kind: ManifestKind;
  readonly name: string;
  /** Of `kind`, counted from 1. */
  readonly line: number;
  readonly spec: unknown;
}

export interface TextProblem {
  readonly line: number;
  readonly message: string;
  /** Whether the author may have meant a pool there. False for objects of other APIs. */
  readonly mayHidePool: boolean;
}

export interface ManifestText {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly TextProblem[];
}

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const isPoolName = (text: string): boolean => DNS_LABEL.test(text);
export const isNodeName = (text: string): boolean => DNS_SUBDOMAIN.test(text);

/** Reads one file of YAML documents. A text with a syntax error yields no manifest at all: it may be half-written. */
export function parseManifests(text: string): ManifestText {
  if (text.trim() === '') return failure(1, 'the file is empty: remove it, or write manifests into it');
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  if (!Array.isArray(documents)) return { manifests: [], problems: [] };
  const broken = documents.flatMap((document) => document.errors)[0];
  if (broken) return failure(lineOf(broken.pos[0]), `not valid YAML: ${broken.message}`);

  const manifests: Manifest[] = [];
  const problems: TextProblem[] = [];
  for (const document of documents) {
    const content = toJs(document);
    if (content === null) continue;
    const parsed = parseDocument(content, (path) => lineOf(offsetOf(document, path)));
    if ('message' in parsed) problems.push(parsed);
    else manifests.push(parsed);
  }
  return { manifests, problems };
}

const failure = (line: number, message: string): ManifestText => ({
  manifests: [],
  problems: [{ line, message, mayHidePool: true }],
});

function parseDocument(content: unknown, lineOf: (path: readonly string[]) => number): Manifest | TextProblem {
  const problem = (path: readonly string[], message: string, mayHidePool = true): TextProblem => ({
    line: lineOf(path),
    message,
    mayHidePool,
  });
  if (!isRecord(content)) return problem([], 'not a manifest: write apiVersion, kind, metadata and spec');
  const { apiVersion, kind, metadata, spec } = content;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    return problem([], `apiVersion or kind is missing: write "apiVersion: ${API_VERSION}" and "kind: VipPool"`);
  }
  if (!apiVersion.startsWith('vippool.io/')) {
    return problem(
      ['kind'],
      `kind ${kind} (${apiVersion}) does not belong here: only VipPool, NodeHealth and VipTask do`,
      false,
    );
  }
  if (apiVersion !== API_VERSION) {
    return problem(['apiVersion'], `apiVersion ${apiVersion} is not known: write ${API_VERSION}`);
  }
  const known = KINDS.find((candidate) => candidate === kind);
  if (!known) return problem(['kind'], `kind ${kind} is not known: write VipPool, NodeHealth or VipTask`);
  const name = isRecord(metadata) ? metadata['name'] : undefined;
  if (typeof name !== 'string')
    return problem(['metadata', 'name'], 'metadata.name is missing: give it a name as text');
  if (kind === 'VipPool' && !isPoolName(name)) {
    return problem(
      ['metadata', 'name'],
      `metadata.name "${name}" is not valid: write at most 63 of a-z, 0-9 and "-", a letter or digit at both ends`,
    );
  }
  if (kind === 'NodeHealth' && !isNodeName(name)) {
    return problem(
      ['metadata', 'name'],
      `metadata.name "${name}" is not valid: write the name of a host in lower case`,
    );
  }
  if (kind === 'VipTask' && !isNodeName(name)) {
    return problem(
      ['metadata', 'name'],
      `metadata.name "${name}" is not valid: write lower-case letters, digits, "-" and "."`,
      false,
    );
  }
  if (kind === 'VipPool' && (spec === undefined || spec === null)) {
    return problem(['metadata', 'name'], `VipPool "${name}" has no spec: write "spec:" with at least "addresses:"`);
  }
  return { kind: known, name, line: lineOf(['kind']), spec };
}

/** Aliases that grow without bound are the one error that shows up only here. */
function toJs(document: Document.Parsed): unknown {
  try {
    return document.toJS();
  } catch {
    return undefined;
  }
}

/** Where the value at `path` begins, or the nearest thing around it that exists. */
function offsetOf(document: Document.Parsed, path: readonly string[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isRecord(node) && Array.isArray(node['range'])) return Number(node['range'][0]);
  }
  return document.contents?.range[0] ?? document.range[0];
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
