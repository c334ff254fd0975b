import { isMap, isScalar, parseAllDocuments, type Document, type YAMLMap } from 'yaml';
import { API_VERSION } from './manifest-text.ts';

/** A text with one field of a NodeHealth changed. */
export type Edited =
  /** It declares no such node. */
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'broken'; readonly message: string }
  | { readonly kind: 'edited'; readonly text: string };

/** Sets `spec.maintenance` of a node in a file of manifests; comments, order and everything else stay. */
export function withMaintenance(text: string, node: string, maintenance: boolean): Edited {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return { kind: 'elsewhere' };
  const document = documents.find((candidate) => declares(candidate, node));
  if (!document) return { kind: 'elsewhere' };
  const broken = documents.flatMap(({ errors }) => errors)[0];
  if (broken) return { kind: 'broken', message: broken.message };
  if (document.getIn(['spec', 'maintenance']) === maintenance) return { kind: 'edited', text };
  const spec = document.get('spec', true);
  const own = isMap(spec) ? inPlace(text, spec, maintenance) : undefined;
  if (own !== undefined) return { kind: 'edited', text: own };
  if (!isMap(spec)) document.set('spec', document.createNode({}));
  document.setIn(['spec', 'maintenance'], maintenance);
  return { kind: 'edited', text: documents.map((item) => item.toString({ lineWidth: 0 })).join('') };
}

const declares = (document: Document.Parsed, node: string): boolean =>
  document.get('apiVersion') === API_VERSION &&
  document.get('kind') === 'NodeHealth' &&
  document.getIn(['metadata', 'name']) === node;

/** The value replaced, or one more field put before the others; undefined where the text has no room for it. */
function inPlace(text: string, spec: YAMLMap, maintenance: boolean): string | undefined {
  const value = spec.get('maintenance', true);
  if (isScalar(value) && value.range && value.value !== null) {
    const [start, end] = value.range;
    return `${text.slice(0, start)}${maintenance}${text.slice(end)}`;
  }
  const key = spec.items[0]?.key;
  if (value !== undefined || spec.flow === true || !isScalar(key) || !key.range) return undefined;
  const [start] = key.range;
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return `${text.slice(0, start)}maintenance: ${maintenance}\n${indent}${text.slice(start)}`;
}
