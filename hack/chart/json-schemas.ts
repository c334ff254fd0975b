/** JSON Schemas for kubeconform, which validates a manifest by the file that its kind and group name. */
type Json = { [key: string]: unknown };

export interface SchemaFile {
  readonly name: string;
  readonly content: unknown;
}

/** Every file refers to this one, so that the large definitions are there once. */
const DEFINITIONS = '_definitions.json';

/** "deployment-apps-v1.json", "pod-v1.json": kubeconform's `{{.ResourceKind}}{{.KindSuffix}}.json`. */
const fileName = (kind: string, group: string, version: string): string =>
  [kind, ...(group === '' ? [] : [group.split('.')[0]]), version].join('-').toLowerCase() + '.json';

/** Of the kinds that Kubernetes has itself. @param swagger its api/openapi-spec/swagger.json */
export function kubernetesSchemas(swagger: unknown): readonly SchemaFile[] {
  const definitions = (swagger as { definitions: Record<string, Json> }).definitions;
  const files: SchemaFile[] = [{ name: DEFINITIONS, content: { definitions: mapValues(definitions, strict) } }];
  for (const [name, definition] of Object.entries(definitions)) {
    const kinds = (definition['x-kubernetes-group-version-kind'] ?? []) as Record<
      'group' | 'version' | 'kind',
      string
    >[];
    const [only] = kinds;
    // What stands for several kinds, such as DeleteOptions, is no manifest.
    if (kinds.length !== 1 || only === undefined) continue;
    const content = { $ref: `${DEFINITIONS}#/definitions/${name}` };
    files.push({ name: fileName(only.kind, only.group, only.version), content });
  }
  return files;
}

/** Of the kinds that a CustomResourceDefinition declares. */
export function customSchemas(definition: unknown): readonly SchemaFile[] {
  const { spec } = definition as {
    spec: { group: string; names: { kind: string }; versions: { name: string; schema: { openAPIV3Schema: Json } }[] };
  };
  return spec.versions.map(({ name, schema }) => {
    const content = strict(schema.openAPIV3Schema) as { properties: Json };
    // The schema of metadata is not part of it.
    content.properties['metadata'] = { type: 'object' };
    return { name: fileName(spec.names.kind, spec.group, name), content };
  });
}

/** The same schema, which refuses unknown fields and understands what JSON Schema does not know. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== 'object' || value === null) return value;
  const schema = value as Json;
  if (schema['format'] === 'int-or-string' || schema['x-kubernetes-int-or-string'] === true) {
    return { anyOf: [{ type: 'string' }, { type: 'integer' }] };
  }
  if (typeof schema['description'] === 'string' && schema['description'].startsWith('Quantity is a fixed-point')) {
    return { anyOf: [{ type: 'string' }, { type: 'number' }] };
  }
  const copy: Json = mapValues(schema, strict);
  const open = 'additionalProperties' in schema || schema['x-kubernetes-preserve-unknown-fields'] === true;
  // The members of a map named "properties" are fields, not a schema.
  if (isRecord(schema['properties']) && isSchema(schema) && !open) copy['additionalProperties'] = false;
  return copy;
}

const isSchema = (schema: Json): boolean => typeof schema['type'] === 'string';
const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null;

const mapValues = (record: Json, change: (value: unknown) => unknown): Json =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
