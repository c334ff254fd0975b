import { describe, expect, it } from '@jest/globals';
import { epoch, incarnation } from '../ids.ts';
import { type AgentState, initialAgent } from './agent-state.ts';
import { loadSampled } from './load-track.ts';

const START = initialAgent({ incarnation: incarnation('i'), epoch: epoch(1) });
const load = (processorPercent: number, memoryPercent = 40) => ({ processorPercent, memoryPercent });
/** As if everything was told. */
const told = (state: AgentState): AgentState => ({ ...state, health: { ...state.health, untold: 'nothing' } });
const sampled = (...samples: readonly ReturnType<typeof load>[]): AgentState =>
  samples.reduce((state, sample) => loadSampled(told(state), sample), START);

describe('the load of a host', () => {
  it('is told at once the first time', () => {
    const { health } = sampled(load(12.4, 39.6));
    expect([health.load?.told, health.untold]).toEqual([load(12, 40), 'verdicts']);
  });

  it('is told later where it differs by two percent, and not where it does not', () => {
    const little = sampled(load(12), load(13, 41.4)).health;
    expect([little.load?.told, little.untold]).toEqual([load(12), 'nothing']);
    const more = sampled(load(12), load(12, 42)).health;
    expect([more.load?.told, more.untold]).toEqual([load(12, 42), 'details']);
  });

  it('makes nothing wait that is more urgent', () => {
    const urgent: AgentState = { ...sampled(load(12)), health: { ...sampled(load(12)).health, untold: 'verdicts' } };
    expect(loadSampled(urgent, load(90)).health.untold).toBe('verdicts');
  });

  it('averages the processor, so that a moment of work or of rest decides nothing', () => {
    expect(sampled(load(20), load(100)).health.load?.told.processorPercent).toBe(44);
    const busy = Array.from({ length: 12 }, () => load(100));
    expect(sampled(load(20), ...busy).health.load?.told.processorPercent).toBeGreaterThanOrEqual(98);
  });
});
