/** The part of JSON Schema that values.schema.json is written in. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

/** What a user may write, for people: "1, 3 or 5", "list of text", "duration". */
export function formOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.anyOf) return schema.anyOf.map(formOf).join(' or ');
  switch (schema.$ref?.replace('#/definitions/', '')) {
    case 'strings':
      return 'map of text';
    case 'stringList':
      return 'list of text';
    case 'objects':
      return 'list of objects';
    case 'duration':
    case 'durationOrEmpty':
      return 'duration';
    case 'port':
      return 'port';
    case 'digest':
      return 'digest';
    case 'subnet':
      return 'subnet';
    case 'resources':
      return 'requests and limits';
    case undefined:
      break;
    default:
      throw new Error(`no words for ${schema.$ref}`);
  }
  if (schema.type === 'array') return `list of ${formOf(schema.items ?? {})}`;
  return { string: 'text', boolean: '`true`, `false`', integer: 'number', object: 'object' }[schema.type ?? ''] ?? '';
}
