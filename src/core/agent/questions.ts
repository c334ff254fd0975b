/** How often and how long the network is asked for an address before it is bound. */
import type { Probe } from '../messages.ts';
import { addMs, type Monotonic } from '../time.ts';
import { insistenceMs, probeMs, type Timing } from '../timing.ts';
import type { Probing } from './agent-state.ts';

/** It is asked twice, or, where an answer is likelier than silence, as often as there is time. */
export function startProbe({ formerMacs, insistent }: Probe, now: Monotonic, timing: Timing): Probing {
  const forMs = insistent ? insistenceMs(timing) : probeMs(timing);
  return { formerMacs, again: addMs(now, probeMs(timing) / 3), until: addMs(now, forMs) };
}

export const askedAgain = (probing: Probing, now: Monotonic, timing: Timing): Probing => ({
  ...probing,
  again: addMs(now, probeMs(timing)),
});
