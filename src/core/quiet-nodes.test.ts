import { beforeEach, describe, expect, it } from '@jest/globals';
import { n, pool, v, vips } from '../testing/core-builders.ts';
import { HealthRig } from '../testing/health-rig.ts';
import type { NodeName } from './ids.ts';
import { monotonic } from './time.ts';

const QUIET_AFTER_MS = 300;
const [VIP = v('none')] = vips(1);

/** One VIP, at home on node-1 of three. */
const poolAt = (home: string) =>
  pool({ vips: [VIP], homes: new Map([[VIP, n(home)]]), failback: { policy: 'Automatic', delayMs: 0 } });

let rig: HealthRig;

/** The nodes that are heard of all the time. */
function runHearing(ms: number, ...nodes: readonly string[]): NodeName | undefined {
  for (const end = rig.now + ms; rig.now < end;) {
    for (const node of nodes) rig.change(node, { lastHeard: monotonic(rig.now) });
    rig.run(100);
  }
  return rig.holder(VIP);
}

beforeEach(() => {
  rig = new HealthRig([poolAt('node-1')], 'node-1', 'node-2', 'node-3');
  rig.quietAfterMs = QUIET_AFTER_MS;
});

describe('a planned move to a node that is quiet', () => {
  it('waits with its holder, and comes by itself when the node is heard again', () => {
    expect(runHearing(500, 'node-1', 'node-3')).toBe('node-1');
    rig.pools = [poolAt('node-2')];
    expect(runHearing(500, 'node-1', 'node-3')).toBe('node-1');
    rig.change('node-2', { lastHeard: monotonic(rig.now) });
    expect(rig.run(QUIET_AFTER_MS / 3).holder(VIP)).toBe('node-2');
    expect(rig.moves).toHaveLength(1);
  });

  it('never comes where the node was lost', () => {
    runHearing(500, 'node-1', 'node-3');
    rig.pools = [poolAt('node-2')];
    runHearing(500, 'node-1', 'node-3');
    rig.change('node-2', { gone: 'lease-ended' });
    expect(runHearing(500, 'node-1', 'node-3')).toBe('node-1');
    expect(rig.moves).toEqual([]);
  });

  it('goes elsewhere where its holder is drained and the lease of the node is over', () => {
    runHearing(500, 'node-1');
    rig.settle('node-1', { maintenance: true });
    expect(runHearing(500, 'node-1')).toBe('node-1');
    rig.change('node-2', { gone: 'lease-ended' });
    expect(runHearing(500, 'node-1')).toBe('node-1');
    expect(runHearing(100, 'node-1', 'node-3')).toBe('node-3');
  });
});

it('a VIP whose next node falls silent on its way is held by another one as soon as the lease is over', () => {
  runHearing(100, 'node-1', 'node-2', 'node-3');
  rig.deaf.add(n('node-2'));
  rig.pools = [poolAt('node-2')];
  expect(runHearing(900, 'node-1', 'node-3')).toBeUndefined();
  rig.change('node-2', { gone: 'lease-ended' });
  expect(['node-1', 'node-3']).toContain(rig.step().holder(VIP));
});
