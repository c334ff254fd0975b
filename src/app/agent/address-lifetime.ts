import { type Timing, unfencedLifetimeMs } from '../../core/timing.ts';
import type { FenceReport } from '../../ports/fence.ts';

/** How long addresses live that nobody refreshes: where the kernel has no fence, nothing else silences a host that hangs. */
export const addressLifetimeMs = ({ kind }: FenceReport, configuredMs: number, timing: Timing): number =>
  kind === 'kernel' ? configuredMs : unfencedLifetimeMs(configuredMs, timing);
