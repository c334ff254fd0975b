import type { AgentState } from './agent-state.ts';

/** More versions than a master sends before one of them is confirmed. */
const VERSION_LEAP = 65_536;

/**
 * Passes over every version that can be on its way: what was sent before a gap in the lease must not come true after
 * it, and what was refused in the gap has to be sent again (failure model: Hold).
 */
export function leapVersions(state: AgentState): AgentState {
  const { assignment } = state;
  if (!assignment) return state;
  const term = state.highestTerm ?? assignment.term;
  const version = (term === assignment.term ? assignment.version : 0) + VERSION_LEAP;
  return { ...state, assignment: { ...assignment, term, version, probes: [] } };
}
