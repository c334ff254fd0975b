import { describe, expect, it } from '@jest/globals';
import type { Schema } from './schema.ts';
import { chartSections, valuesReference } from './values-reference.ts';

const SCHEMA: Schema = {
  properties: {
    name: { type: 'string' },
    ports: { properties: { grpc: { $ref: '#/definitions/port' }, mode: { enum: [1, 3] } } },
    labels: { $ref: '#/definitions/strings' },
  },
};
const VALUES = `# About the file.

# What it is
# called.
name: ''
# Where it listens.
ports:
  # Of the wire.
  grpc: 7480
  mode: 3
# Labels.
labels: { a: b }
`;

describe('the reference of values', () => {
  it('takes words from values.yaml, forms from the schema and descends where the schema does', () => {
    expect(chartSections(VALUES, SCHEMA)).toEqual([
      {
        path: '',
        meaning: '',
        values: [
          { path: 'name', form: 'text', default: '""', meaning: 'What it is called.' },
          { path: 'labels', form: 'map of text', default: '{"a":"b"}', meaning: 'Labels.' },
        ],
      },
      {
        path: 'ports',
        meaning: 'Where it listens.',
        values: [
          { path: 'ports.grpc', form: 'port', default: '7480', meaning: 'Of the wire.' },
          { path: 'ports.mode', form: '`1`, `3`', default: '3', meaning: '' },
        ],
      },
    ]);
  });

  it('is a table', () => {
    expect(valuesReference(VALUES, SCHEMA)).toContain('| `name` | text | empty | What it is called. |\n');
  });

  it('refuses values and a schema that differ', () => {
    expect(() => chartSections('colour: red\n', SCHEMA)).toThrow('colour is in values.yaml and not in');
    expect(() => chartSections("name: ''\nlabels: {}\n", SCHEMA)).toThrow('ports is in values.schema.json and not in');
  });
});
