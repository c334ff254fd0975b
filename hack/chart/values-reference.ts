import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';
import { formOf, type Schema } from './schema.ts';

/** One value of the chart that a user may set. */
export interface ChartValue {
  /** "controller.podDisruptionBudget.enabled" */
  readonly path: string;
  readonly form: string;
  /** As JSON, without spaces. */
  readonly default: string;
  /** The comment above it in values.yaml; empty where there is none. */
  readonly meaning: string;
}

/** A group of values, such as "controller.serviceAccount"; "" are the values that belong to none. */
export interface ChartSection {
  readonly path: string;
  readonly meaning: string;
  readonly values: readonly ChartValue[];
}

const HEAD = `# Values of the chart

<!-- Generated from charts/vippool/values.yaml and values.schema.json by "make generate". -->

What \`helm install --set\` and \`--values\` take. Unknown names and values of a wrong form are refused with the place and
what is allowed there. Values whose Kubernetes form is an object or a list are taken as they are.
`;

/**
 * All values of values.yaml, in the order of the file.
 *
 * @throws Error where values.yaml and the schema do not have the same names.
 */
export function chartSections(values: string, schema: Schema): readonly ChartSection[] {
  const { contents } = parseDocument(values);
  if (!isMap(contents)) throw new Error('values.yaml is not a mapping');
  return [...sectionsOf(contents, schema, '', '')].filter((section) => section.values.length > 0);
}

export function valuesReference(values: string, schema: Schema): string {
  const sections = chartSections(values, schema).map(({ path, meaning, values: rows }) => {
    const title = path === '' ? '' : `\n## ${path}\n${meaning === '' ? '' : `\n${meaning}\n`}`;
    const table = rows.map((row) => `| \`${row.path}\` | ${row.form} | ${code(row.default)} | ${row.meaning} |`);
    return `${title}\n| Value | Form | Default | Meaning |\n|---|---|---|---|\n${table.join('\n')}\n`;
  });
  return HEAD + sections.join('');
}

function* sectionsOf(map: YAMLMap, schema: Schema, path: string, meaning: string): Generator<ChartSection> {
  const known = schema.properties ?? {};
  const rows: ChartValue[] = [];
  const below: ChartSection[] = [];
  for (const [index, { key, value }] of map.items.entries()) {
    if (!isScalar(key)) throw new Error(`a key below "${path}" is no text`);
    const name = String(key.value);
    const here = path === '' ? name : `${path}.${name}`;
    const rule = known[name];
    if (rule === undefined) throw new Error(`${here} is in values.yaml and not in values.schema.json`);
    // The comment above the first key belongs to the map.
    const comment = (index === 0 ? map.commentBefore : undefined) ?? key.commentBefore ?? '';
    // What is above a blank line is about more than this value.
    const text = (comment.split(/\n\s*\n/).at(-1) ?? '').replaceAll(/\s+/g, ' ').trim();
    if (rule.properties === undefined) {
      const json = JSON.stringify(isNode(value) ? value.toJSON() : value);
      rows.push({ path: here, form: formOf(rule), default: json, meaning: text });
    } else if (isMap(value)) {
      below.push(...sectionsOf(value, rule, here, text));
    } else {
      throw new Error(`${here} must be a mapping in values.yaml`);
    }
  }
  const names = new Set(map.items.map(({ key }) => String(key)));
  const missing = Object.keys(known).find((name) => !names.has(name) && name !== 'global');
  if (missing !== undefined)
    throw new Error(`${path}.${missing} is in values.schema.json and not in values.yaml`.replace(/^\./, ''));
  yield { path, meaning, values: rows };
  yield* below;
}

const isNode = (value: unknown): value is { toJSON(): unknown } =>
  typeof value === 'object' && value !== null && 'toJSON' in value;

const code = (text: string): string => (text === '""' ? 'empty' : `\`${text}\``);
