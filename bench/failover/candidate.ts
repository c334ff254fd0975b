/** What the systems under test have in common: the topology, the faults, and what each must be able to do. */
import type { Lab } from '../../e2e/lib/lab.ts';
import type { Observer } from '../../e2e/lib/observer.ts';

export const HOSTS = ['node-1', 'node-2', 'node-3'];
export const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13', '192.0.2.14', '2001:db8::10'];

/**
 * `poweroff`: of a host that holds VIPs and leads nothing. `master-poweroff`: of the one that leads. `move`: one VIP is
 * given another home. `stop`: what runs on a host is ended in order (SIGTERM).
 */
export type Fault = 'poweroff' | 'master-poweroff' | 'move' | 'stop';

/** A system under test. */
export interface Candidate {
  readonly system: string;
  readonly profile: string;
  /** The faults that it knows, in the order in which they are tried. */
  readonly faults: readonly Fault[];
  /** Starts it on a lab and returns when every VIP is held, evenly. */
  start(lab: Lab, observer: Observer): Promise<Running>;
}

export interface Running {
  /** Returns when every VIP is held again. */
  inflict(fault: Fault): Promise<Inflicted>;
}

export interface Inflicted {
  /** Undoes the fault and returns when every VIP is where it was, or as evenly spread. */
  heal(): Promise<void>;
}

export const others = (host: string): string[] => HOSTS.filter((name) => name !== host);
