export const PROBES = ['arp', 'icmp', 'ndp', 'icmp6'] as const;
export type ProbeKind = (typeof PROBES)[number];

export interface ProbeTarget {
  readonly interface: string;
  readonly vip4: string;
  readonly vip6: string;
  /** MAC of the host, "02:00:00:00:00:01". */
  readonly hostMac: string;
  readonly clientMac: string;
  readonly client4: string;
  /** The low 8 bits are counted through. */
  readonly client6: string;
  readonly everyMs: number;
}

export interface ProbeResult {
  readonly asked: number;
  readonly answered: number;
  /** CLOCK_MONOTONIC, ms: when the last question that was answered was asked. */
  readonly lastAnsweredAskedAt?: number;
  /**
   * CLOCK_MONOTONIC, ms: nothing was answered from here on. When the question after the last answered one was asked, or
   * when that answer was read, whichever came later: the host may have been silent before, but not answering after.
   */
  readonly silentFrom?: number;
}
export type ProbeReport = Readonly<Record<ProbeKind, ProbeResult>> & {
  /** Frames from the host's MAC in the name of a VIP, asked for or not. */
  readonly spoken: number;
};
