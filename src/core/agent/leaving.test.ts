import { describe, expect, it } from '@jest/globals';
import { AgentHost, holdingHost } from '../../testing/agent-host.ts';
import { monotonic } from '../time.ts';
import { TIMING_PROFILES } from '../timing.ts';
import { type SuccessionChance, successionChance } from './leaving.ts';

const chance = ({ state, config }: AgentHost, now: number): SuccessionChance =>
  successionChance(state, monotonic(now), config);

describe('a successor goes on with what is held', () => {
  it('where every controller has acknowledged one of the last heartbeats', () => {
    const host = holdingHost();
    expect(chance(host, 20)).toBe('later');
    host.tick(200).ack(210, ['c1', 'c2', 'c3']);
    expect(chance(host, 210)).toBe('now');
    // c3 is away, and the lease goes on all the same.
    host.keepLease(900);
    expect([chance(host, 799), chance(host, 800)]).toEqual(['now', 'later']);
  });

  it('not with a lease that is over before it could be there, nor before anybody told which controllers there are', () => {
    const turbo = holdingHost(new AgentHost({ timing: TIMING_PROFILES.Turbo }))
      .tick(20)
      .ack(21, ['c1', 'c2', 'c3']);
    expect(chance(turbo, 21)).toBe('never');
    const fast = holdingHost(new AgentHost({ timing: TIMING_PROFILES.Fast }))
      .tick(50)
      .ack(51, ['c1', 'c2', 'c3']);
    expect(chance(fast, 51)).toBe('now');
    expect(chance(new AgentHost(), 0)).toBe('never');
  });
});
