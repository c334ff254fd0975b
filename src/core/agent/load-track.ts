/** How much of the host is used, as the controllers are told: seldom, and only where it differs. */
import type { HostLoad } from '../messages.ts';
import type { AgentState } from './agent-state.ts';

export interface LoadTrack {
  /** The processor smoothed: a moment without work is no room for a VIP. */
  readonly seen: HostLoad;
  /** Whole percents, as the controllers know it, or will with the next report. */
  readonly told: HostLoad;
}

/** Part of a new sample in the average: about three samples back still count. */
const WEIGHT = 0.3;
/** Percent that a change has to have to be told. */
const NEWS_PERCENT = 2;

export function loadSampled(state: AgentState, sample: HostLoad): AgentState {
  const { health } = state;
  const { load } = health;
  const seen = load === undefined ? sample : smoothed(load.seen, sample);
  const told = { processorPercent: Math.round(seen.processorPercent), memoryPercent: Math.round(seen.memoryPercent) };
  if (load === undefined) return { ...state, health: { ...health, load: { seen, told }, untold: 'verdicts' } };
  const isNews =
    Math.abs(told.processorPercent - load.told.processorPercent) >= NEWS_PERCENT ||
    Math.abs(told.memoryPercent - load.told.memoryPercent) >= NEWS_PERCENT;
  if (!isNews) return { ...state, health: { ...health, load: { seen, told: load.told } } };
  const untold = health.untold === 'nothing' ? 'details' : health.untold;
  return { ...state, health: { ...health, load: { seen, told }, untold } };
}

const smoothed = (before: HostLoad, sample: HostLoad): HostLoad => ({
  processorPercent: before.processorPercent + (sample.processorPercent - before.processorPercent) * WEIGHT,
  memoryPercent: sample.memoryPercent,
});
