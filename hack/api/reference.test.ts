import { expect, test } from '@jest/globals';
import { generateReference } from './reference.ts';

test('every field has its type, default, limits and messages in the reference', () => {
  const text = generateReference([
    {
      group: 'example.com',
      version: 'v1',
      kind: 'Thing',
      plural: 'things',
      shortNames: ['th'],
      scope: 'Cluster',
      columns: [{ name: 'Size', type: 'integer', priority: 1, description: 'How large.', jsonPath: '.spec.size' }],
      schema: {
        type: 'object',
        description: 'A thing.',
        properties: {
          spec: {
            type: 'object',
            required: ['names'],
            properties: {
              size: { type: 'integer', minimum: 1, maximum: 9, default: 5, description: 'Small | large.' },
              names: {
                type: 'array',
                minItems: 1,
                maxItems: 3,
                items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'true', message: 'write a name' }] },
              },
              mode: { type: 'string', enum: ['On', 'Off'] },
            },
          },
        },
      },
    },
  ]);
  for (const line of [
    '`example.com/v1`, cluster-scoped; `kubectl get things` or `kubectl get th`.',
    '| SIZE (wide) | `.spec.size` | How large. |',
    '| `spec.size` | integer | `5` | 1 to 9 | Small \\| large. |',
    '| `spec.names` | list of string | required | 1 to 3 entries |  |',
    '| `spec.mode` | `On`, `Off` |  |  |  |',
    '| `spec.names[]` | write a name |',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});
