import { describe, expect, it } from '@jest/globals';
import { customSchemas, kubernetesSchemas } from './json-schemas.ts';

describe('schemas of Kubernetes', () => {
  const swagger = {
    definitions: {
      'v1.Pod': {
        type: 'object',
        properties: { port: { $ref: '#/definitions/IntOrString' }, properties: { type: 'string' } },
        'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Pod' }],
      },
      'apps.v1.Deployment': {
        type: 'object',
        properties: { labels: { type: 'object', additionalProperties: { type: 'string' } } },
        'x-kubernetes-group-version-kind': [{ group: 'apps', version: 'v1', kind: 'Deployment' }],
      },
      IntOrString: { type: 'string', format: 'int-or-string' },
      DeleteOptions: {
        type: 'object',
        'x-kubernetes-group-version-kind': [
          { group: '', version: 'v1', kind: 'DeleteOptions' },
          { group: 'apps', version: 'v1', kind: 'DeleteOptions' },
        ],
      },
    },
  };
  const files = new Map(kubernetesSchemas(swagger).map(({ name, content }) => [name, content]));

  it('are found by kind and group, and refer to one file of definitions', () => {
    expect([...files.keys()]).toEqual(['_definitions.json', 'pod-v1.json', 'deployment-apps-v1.json']);
    expect(files.get('pod-v1.json')).toEqual({ $ref: '_definitions.json#/definitions/v1.Pod' });
  });

  it('refuse unknown fields, and take numbers where Kubernetes does', () => {
    expect(files.get('_definitions.json')).toMatchObject({
      definitions: {
        'v1.Pod': { additionalProperties: false, properties: { properties: { type: 'string' } } },
        'apps.v1.Deployment': {
          additionalProperties: false,
          properties: { labels: { additionalProperties: { type: 'string' } } },
        },
        IntOrString: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
      },
    });
  });
});

it('schemas of custom resources take any metadata, and unknown fields only where they are kept', () => {
  const [file] = customSchemas({
    spec: {
      group: 'monitoring.example.com',
      names: { kind: 'PodMonitor' },
      versions: [
        {
          name: 'v1',
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: { type: 'object', properties: {}, 'x-kubernetes-preserve-unknown-fields': true },
                port: { 'x-kubernetes-int-or-string': true },
              },
            },
          },
        },
      ],
    },
  });
  expect(file?.name).toBe('podmonitor-monitoring-v1.json');
  const { content } = file as { content: { additionalProperties: boolean; properties: Record<string, object> } };
  expect(content.additionalProperties).toBe(false);
  expect(content.properties['metadata']).toEqual({ type: 'object' });
  expect(content.properties['spec']).not.toHaveProperty('additionalProperties');
  expect(content.properties['port']).toEqual({ anyOf: [{ type: 'string' }, { type: 'integer' }] });
});
