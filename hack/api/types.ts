import { isDeepStrictEqual } from 'node:util';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';
import type { Crd, Schema } from './crd.ts';

const HEADER = '// Generated from crds/ by `make generate`.';

/** TypeScript for spec and status of every CRD: one exported, read-only interface for each schema with a title. */
export async function generateTypes(crds: readonly Crd[], file: string): Promise<string> {
  const definitions: Record<string, JSONSchema> = {};
  for (const { schema } of crds) {
    for (const part of [schema.properties?.['spec'], schema.properties?.['status']]) {
      if (part) toJsonSchema(part, definitions);
    }
  }
  const source = await compile({ title: 'Root', type: 'object', additionalProperties: false, definitions }, 'Root', {
    additionalProperties: false,
    bannerComment: '',
    format: false,
    ignoreMinAndMaxItems: true,
    unreachableDefinitions: true,
  });
  const options = { ...(await resolveConfig(file)), parser: 'typescript' };
  const formatted = await format(source, options);
  return format(`${HEADER}\n\n${readOnly(withoutRoot(formatted))}`, options);
}

/** The same schema with every titled object moved to `definitions`, and without the rules that have no type. */
function toJsonSchema(schema: Schema, definitions: Record<string, JSONSchema>): JSONSchema {
  const { title, type, format: _, default: __, 'x-kubernetes-validations': ___, ...rest } = schema;
  const children = Object.entries(schema.properties ?? {});
  const converted: JSONSchema = {
    ...(rest as JSONSchema),
    type,
    ...(schema.properties && {
      properties: Object.fromEntries(children.map(([name, child]) => [name, toJsonSchema(child, definitions)])),
    }),
    ...(schema.items && { items: toJsonSchema(schema.items, definitions) }),
    ...(type === 'object' && {
      additionalProperties: schema.additionalProperties
        ? toJsonSchema(schema.additionalProperties, definitions)
        : false,
    }),
  };
  if (title === undefined) return converted;
  if (definitions[title] && !isDeepStrictEqual(definitions[title], converted)) {
    throw new Error(`two different schemas have the title ${title}`);
  }
  definitions[title] = converted;
  return {
    ...(schema.description !== undefined && { description: schema.description }),
    tsType: title,
  };
}

const ROOT_NOTE =
  ' \\* This interface was referenced by `Root`\'s JSON-Schema\\n \\* via the `definition` "[^"]*"\\.\\n';

/** The compiler wants a root, and says of every definition that it is one; readers need neither. */
const withoutRoot = (source: string): string =>
  source
    .replace(/export interface Root \{\}\n/, '')
    .replaceAll(new RegExp(`/\\*\\*\\n${ROOT_NOTE} \\*/\\n`, 'g'), '')
    .replaceAll(new RegExp(` \\*\\n${ROOT_NOTE}`, 'g'), '')
    .replaceAll(/\n}\n/g, '\n}\n\n');

/** Whoever reads an object of the API does not change it. */
const readOnly = (source: string): string =>
  source
    .replaceAll(/^(\s*)([A-Za-z0-9]+\??: )/gm, '$1readonly $2')
    .replaceAll(/^(\s*)(\[k: string\]: )/gm, '$1readonly $2')
    .replaceAll(/: ([A-Za-z]+|\([^()]*\))\[\]/g, ': readonly $1[]');
