/** How often and how long the network is asked for an address before it is bound. */
import type { Probe } from '../messages.ts';
import { addMs, type Monotonic } from '../time.ts';
import { insistenceMs, probeMs, type Timing } from '../timing.ts';
import type { Probing } from './agent-state.ts';

/** A question is repeated once, or, where an answer is likelier than silence, as often as there is time. */
export function startProbe({ formerMacs, insistent }: Probe, now: Monotonic, timing: Timing): Probing {
  const waitMs = probeMs(timing);
  const [forMs, everyMs] = insistent ? [insistenceMs(timing), waitMs] : [waitMs, waitMs];
  return { formerMacs, again: addMs(now, waitMs / 3), everyMs, until: addMs(now, forMs) };
}
