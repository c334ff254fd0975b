import type { HostLoad } from '../core/messages.ts';

export interface LoadMeter {
  /** How much of the host was used since the last call; undefined: that is not known. Never throws. */
  sample(): Promise<HostLoad | undefined>;
}
