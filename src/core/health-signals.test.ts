import { describe, expect, it } from '@jest/globals';
import { check, checkState, n, pool, v } from '../testing/core-builders.ts';
import { HealthRig } from '../testing/health-rig.ts';
import { checkName } from './checks.ts';
import { type HealthSpec, NO_HEALTH } from './health-spec.ts';
import { NO_RULES } from './placement/rules.ts';
import type { Pool } from './pool.ts';

const [A, B] = ['node-a', 'node-b'] as const;
const VIP = v('192.0.2.1');
const health = (over: Partial<HealthSpec> = {}): HealthSpec => ({ ...NO_HEALTH, checks: [check('nfs')], ...over });
const rig = (over: Partial<Pool>, ...nodes: readonly string[]): HealthRig =>
  new HealthRig([pool({ vips: [VIP], homes: new Map([[VIP, n(A)]]), health: health(), ...over })], ...nodes);

describe('following', () => {
  const follow = { kind: 'Check', check: checkName('primary') } as const;
  const primary = (over: Partial<Pool> = {}): Partial<Pool> => ({
    homes: new Map(),
    placement: { ...NO_RULES, follow },
    health: health({
      checks: [check('primary', { probe: { type: 'tcp', host: '127.0.0.1', port: 5432 } }), check('nfs')],
    }),
    ...over,
  });

  it('the VIPs of a pool are where its check passes, which is no fault elsewhere', () => {
    const world = rig(primary(), A, B);
    world.report(B, checkState('primary', 'Failing'));
    expect(world.holder(VIP)).toBe(A);
    world.report(A, checkState('primary', 'Failing'));
    expect(world.holder(VIP)).toBe(A);
    world.report(B, checkState('primary'));
    expect(world.holder(VIP)).toBe(B);
    expect(world.moves.at(-1)?.reason).toBe('NotFollowed');
  });

  it('they are where the master is', () => {
    const world = rig({ homes: new Map(), placement: { ...NO_RULES, follow: { kind: 'Master' } } }, A, B);
    world.masterNode = n(B);
    expect(world.step().holder(VIP)).toBe(B);
    world.masterNode = n(A);
    expect(world.step().holder(VIP)).toBe(A);
  });
});
