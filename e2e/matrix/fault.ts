/** What a fault of the matrix is made of. The faults themselves are in `faults/`, one declaration each. */
import type { Timing } from '../../src/core/timing.ts';
import type { Cluster } from '../lib/cluster.ts';
import type { Lab } from '../lib/lab.ts';
import type { Observer } from '../lib/observer.ts';
import type { LabProcess } from '../lib/process.ts';
import type { HostServices } from '../lib/services.ts';
import type { Promised } from './promises.ts';

export const HOSTS: readonly string[] = ['node-1', 'node-2', 'node-3'];

export type SystemName = 'vippool' | 'keepalived' | 'ctdb';
export const SYSTEMS: readonly SystemName[] = ['vippool', 'keepalived', 'ctdb'];

/**
 * What is built for a fault. `hosts`: three hosts, a directory of manifests. `kubernetes`: a real API server in its
 * place. `services`: hosts with real services, which a pool checks. `thousand`: 1000 VIPs, all at home on one host. `thousand-mixed`: every fifth of them IPv6.
 */
export type Stage = 'hosts' | 'kubernetes' | 'services' | 'thousand' | 'thousand-mixed';
export const STAGES: readonly Stage[] = ['hosts', 'kubernetes', 'services', 'thousand', 'thousand-mixed'];

/** Whether one host is the home of everything. */
export const isThousand = (stage: Stage): boolean => stage.startsWith('thousand');

/** Hosts of a healthy system, by what they do. */
export interface Roles {
  /** Holds VIPs and is not the master's host. */
  readonly holder: string;
  /** Of the master; holds VIPs as well. A system without one: any host but the holder. */
  readonly master: string;
  /** The third one. */
  readonly third: string;
  /** One of the holder's VIPs. */
  readonly vip: string;
}

/** A system that runs on a lab. */
export interface Scene {
  readonly lab: Lab;
  readonly observer: Observer;
  readonly timing: Timing;
  /** How long a fault of a store lasts, milliseconds. */
  readonly awayMs: number;
  /** etcd, controllers and agents. @throws Error where the system is a peer, which has none. */
  readonly cluster: Cluster;
  /** What binds VIPs on a host. */
  daemon(host: string): LabProcess;
  /** Ends it with SIGKILL, as a crash would; what brings it back is left alone. */
  crash(host: string): Promise<void>;
  /** A planned move of one VIP; resolves when it is there. */
  move(vip: string, to: string): Promise<void>;
  /** NFS, SMB and so on of a host. @throws Error on another stage than `services`. */
  services(host: string): HostServices;
  /** Pauses the service of a host until the result is called. @throws Error where the system is a peer. */
  maintain(host: string): Heal;
  /** The API server does not answer any more until the result is called. @throws Error on another stage. */
  apiAway(): () => void;
  /** Resolves when every VIP is at its place and every part of the system takes part. @throws Error saying what does not. */
  healthy(): Promise<void>;
  /** Of a healthy system. */
  roles(): Promise<Roles>;
  /** Ends it. */
  stop(): Promise<void>;
}

/** Undoes a fault. */
export type Heal = () => unknown;

export interface Fault {
  /** Of its row in reports. */
  readonly name: string;
  /** Another name that finds it, as of its family. */
  readonly alias?: string;
  readonly does: string;
  /** How it ends. */
  readonly heals: string;
  /** Longest outage while it lasts. */
  readonly promised: Promised;
  /** Longest outage when it is over. */
  readonly promisedBack: Promised;
  /** Default vippool alone. */
  readonly systems?: readonly SystemName[];
  /** Default `hosts`. */
  readonly stage?: Stage;
  /** Whose VIPs have to leave, each once, and come home, each once. */
  readonly leaves?: keyof Pick<Roles, 'holder' | 'master'>;
  /** Hosts answer for their VIPs as before, but what is behind them does not: an outage lasts until a VIP has left. */
  readonly behind?: boolean;
  /** From the end of the fault until every VIP is home, longest that is promised. Only where VIPs leave. */
  readonly promisedHome?: Promised;
  /** Whether another host has to become master. */
  readonly newMaster?: boolean;
  /** Before anything is measured. What it changed is undone by the heal of `inflict`. */
  prepare?(scene: Scene, roles: Roles): Promise<unknown>;
  inflict(scene: Scene, roles: Roles): Promise<Heal> | Heal;
}

export const BOTH: readonly SystemName[] = ['vippool', 'keepalived'];
/** CTDB takes its time: it is measured where it is meant to be good, and where a host is lost. */
export const ALL: readonly SystemName[] = SYSTEMS;
