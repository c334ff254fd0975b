import { expect, test } from '@jest/globals';
import { nodeName } from '../../core/ids.ts';
import { OpError } from '../../core/op-error.ts';
import { KubeHostLabels } from './host-labels.ts';
import { parseObject, type KubeObject } from './objects.ts';

const node = (name: string, labels?: Record<string, unknown>): KubeObject => {
  const object = parseObject({ metadata: { name, ...(labels && { labels }) } });
  if (!object) throw new Error('no object');
  return object;
};
const forbidden = { kind: 'fault', error: new OpError('PermissionDenied', 'not allowed to list nodes') } as const;

test('labels are known from the first list on, and are the same object until one changes', () => {
  const hosts = new KubeHostLabels();
  expect(hosts.state).toBe('unread');
  expect(hosts.take({ kind: 'replace', objects: [node('a', { zone: '1' }), node('b')] })).toBe(true);
  expect([hosts.state, [...hosts.labels]]).toEqual([
    'read',
    [
      ['a', { zone: '1' }],
      ['b', {}],
    ],
  ]);
  const before = hosts.labels;
  expect(hosts.take({ kind: 'put', object: node('a', { zone: '1' }) })).toBe(false);
  expect(hosts.take({ kind: 'replace', objects: [node('b'), node('a', { zone: '1' })] })).toBe(false);
  expect(hosts.take({ kind: 'healthy' })).toBe(false);
  expect(hosts.labels).toBe(before);
});

test.each([
  ['a label that changes', { kind: 'put', object: node('a', { zone: '2' }) }, { zone: '2' }],
  ['a label that goes', { kind: 'put', object: node('a', {}) }, {}],
  ['a node that goes', { kind: 'delete', object: node('a') }, undefined],
  ['a list without it', { kind: 'replace', objects: [] }, undefined],
] as const)('%s is news', (_, output, labels) => {
  const hosts = new KubeHostLabels();
  hosts.take({ kind: 'replace', objects: [node('a', { zone: '1' })] });
  expect(hosts.take(output)).toBe(true);
  expect(hosts.labels.get(nodeName('a'))).toEqual(labels);
  expect(hosts.take(output)).toBe(false);
});

test('an empty cluster is known to be one', () => {
  const hosts = new KubeHostLabels();
  expect(hosts.take({ kind: 'replace', objects: [] })).toBe(true);
  expect(hosts.state).toBe('read');
});

test('who may not read them knows that there is nothing to wait for; who could once keeps what was read', () => {
  const hosts = new KubeHostLabels();
  const away = { kind: 'fault', error: new OpError('Unavailable', 'no answer') } as const;
  expect([hosts.take(away), hosts.state]).toEqual([false, 'unread']);
  expect([hosts.take(forbidden), hosts.state]).toEqual([true, 'refused']);
  hosts.take({ kind: 'replace', objects: [node('a', { zone: '1' })] });
  expect([hosts.take(forbidden), hosts.state, hosts.labels.size]).toEqual([false, 'read', 1]);
});

test('what is no label is none', () => {
  const hosts = new KubeHostLabels();
  hosts.take({ kind: 'put', object: node('a', { zone: 1, role: 'nas' }) });
  expect(hosts.labels.get(nodeName('a'))).toEqual({ role: 'nas' });
});
