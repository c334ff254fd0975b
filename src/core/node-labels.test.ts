import { describe, expect, it } from '@jest/globals';
import { n, nodeEntry } from '../testing/core-builders.ts';
import { type HostLabels, type Labels, labelsOf, relabelled } from './node-labels.ts';

const one = n('node-1');
const two = n('node-2');
const hosts = (labels: Labels): HostLabels => new Map([[one, labels]]);

describe('labels of a node', () => {
  it('are those of its agent and of its host, and the host decides', () => {
    expect(labelsOf({ role: 'nas', rack: '1' }, { role: 'db', zone: 'a' })).toEqual({
      role: 'db',
      rack: '1',
      zone: 'a',
    });
    expect(labelsOf({ role: 'nas' }, undefined)).toEqual({ role: 'nas' });
  });

  it('follow the host, and lose what it loses', () => {
    const own = { role: 'nas' };
    const nodes = new Map([one, two].map((node) => [node, nodeEntry(node, { ownLabels: own, labels: own })]));
    const labelled = relabelled(nodes, hosts({ zone: 'a', role: 'db' }));
    expect(labelled.get(one)?.labels).toEqual({ role: 'db', zone: 'a' });
    expect(labelled.get(two)).toBe(nodes.get(two));
    expect(relabelled(labelled, hosts({ zone: 'a' })).get(one)?.labels).toEqual({ role: 'nas', zone: 'a' });
    expect(relabelled(labelled, new Map()).get(one)?.labels).toEqual(own);
    expect(relabelled(labelled, undefined).get(one)?.labels).toEqual(own);
  });

  it('are the same objects while nothing changes', () => {
    const entry = nodeEntry(one, { labels: { zone: 'a' } });
    const nodes = new Map([[one, entry]]);
    expect(relabelled(nodes, hosts({ zone: 'a' }))).toBe(nodes);
  });
});
