import type { Crd, PrinterColumn, Schema } from './crd.ts';

/** docs/reference/crds.md: every field with type, default, limits, and what is said when a rule is broken. */
export function generateReference(crds: readonly Crd[]): string {
  const intro = [
    '# Reference: custom resources',
    '',
    '<!-- Generated from crds/ by `make generate`. -->',
    '',
    'Durations are texts such as `500ms`, `30s` or `1m30s`. A field without a default and without "required" may be left out.',
    'Rules marked *controller* cannot be checked by the API server: a pool that breaks one is accepted, gets the condition',
    '`Ready=False` with the message, and what was in force before stays in force.',
    'The source that reads a directory checks everything itself, with the same words.',
    '',
  ];
  return [...intro, ...crds.flatMap(describeCrd)].join('\n');
}

function describeCrd(crd: Crd): string[] {
  const { spec, status } = crd.schema.properties ?? {};
  return [
    `## ${crd.kind}`,
    '',
    `\`${crd.group}/${crd.version}\`, ${crd.scope === 'Cluster' ? 'cluster-scoped' : 'namespaced'}; \`kubectl get ${crd.plural}\` or \`kubectl get ${crd.shortNames.join('`, `')}\`.`,
    '',
    crd.schema.description ?? '',
    '',
    ...describeColumns(crd.columns),
    ...(spec ? describeObject('spec', spec) : ['This version has no `spec`.', '']),
    ...(crd.kind === 'VipPool' ? CONTROLLER_RULES : []),
    ...(status ? describeObject('status', status) : []),
  ];
}

const CONTROLLER_RULES = [
  'Rules of the *controller*:',
  '',
  '- No two entries of `spec.addresses` have an address in common.',
  '- After exclusion at least one and at most 2048 addresses are left.',
  '- The first address of an IPv6 range is not above the last one, and an IPv6 range has at most 2048 addresses.',
  '- Every key of `spec.placement.homes` is an address of the pool, and none is there twice in two spellings.',
  '- An address that several pools declare belongs to the oldest of them (creation time, then name).',
  '',
];

function describeColumns(columns: readonly PrinterColumn[]): string[] {
  const rows = columns.map(
    ({ name, priority, jsonPath, description = 'Time since creation.' }) =>
      `| ${name.toUpperCase()}${priority ? ' (wide)' : ''} | \`${jsonPath}\` | ${description} |`,
  );
  return ['| column | from | meaning |', '|---|---|---|', ...rows, ''];
}

function describeObject(path: string, schema: Schema): string[] {
  const fields = fieldsOf(path, schema);
  const rows = fields.map(
    ({ path: field, schema: type, required }) =>
      `| \`${field}\` | ${typeName(type)} | ${defaultOf(type, required)} | ${limitsOf(type)} | ${escapeCell(type.description ?? '')} |`,
  );
  return [
    `### ${path}`,
    '',
    schema.description ?? '',
    '',
    '| field | type | default | limits | meaning |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    ...describeRules(fields),
  ];
}

interface FieldRow {
  readonly path: string;
  readonly schema: Schema;
  readonly required: boolean;
}

function fieldsOf(path: string, schema: Schema): FieldRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const field = { path: `${path}.${name}`, schema: child, required: schema.required?.includes(name) ?? false };
    const nested = child.items ? fieldsOf(`${field.path}[]`, child.items) : fieldsOf(field.path, child);
    return [field, ...nested];
  });
}

/** The messages of CEL rules, with the places where they apply. */
function describeRules(fields: readonly FieldRow[]): string[] {
  const rows = fields.flatMap(({ path, schema }) => [
    ...rulesOf(path, schema),
    ...rulesOf(`${path}[]`, schema.items),
    ...rulesOf(`${path}.*`, schema.additionalProperties),
  ]);
  if (rows.length === 0) return [];
  return ['What the API server says when a rule is broken:', '', '| field | message |', '|---|---|', ...rows, ''];
}

const rulesOf = (path: string, schema: Schema | undefined): string[] =>
  (schema?.['x-kubernetes-validations'] ?? []).map(({ message }) => `| \`${path}\` | ${escapeCell(message)} |`);

function typeName(schema: Schema): string {
  if (schema.items) return `list of ${typeName(schema.items)}`;
  if (schema.additionalProperties) return `map to ${typeName(schema.additionalProperties)}`;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  return schema.format === 'date-time' ? 'time (RFC 3339)' : schema.type;
}

function defaultOf(schema: Schema, required: boolean): string {
  if (required) return 'required';
  return schema.default === undefined || JSON.stringify(schema.default) === '{}'
    ? ''
    : `\`${typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default)}\``;
}

function limitsOf(schema: Schema): string {
  const between = (low: number | undefined, high: number | undefined, unit: string): string[] => {
    if (high === undefined) return low === undefined ? [] : [`at least ${low}${unit}`];
    return [low === undefined ? `at most ${high}${unit}` : `${low} to ${high}${unit}`];
  };
  return [
    ...between(schema.minimum, schema.maximum, ''),
    ...between(schema.minItems, schema.maxItems, ' entries'),
    ...between(undefined, schema.maxProperties, ' entries'),
  ].join(', ');
}

const escapeCell = (text: string): string => text.trim().replaceAll('|', '\\|');
