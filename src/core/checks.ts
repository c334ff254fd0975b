/** What is checked on a host, and what a check found. A pool declares checks; the agents of its nodes run them. */
import type { PoolName } from './ids.ts';

export type CheckName = string & { readonly __brand: 'CheckName' };

export const checkName = (text: string): CheckName => text as CheckName;

/** One declared check. Every duration in milliseconds. */
export interface Check {
  readonly pool: PoolName;
  /** Unique in its pool. */
  readonly name: CheckName;
  /** From the start of one run to the start of the next. Default 2000. */
  readonly intervalMs: number;
  /** A run that takes longer has failed. Default 1000; never above the interval. */
  readonly timeoutMs: number;
  /** So many failed runs in a row until the check has failed. Default 2. */
  readonly fall: number;
  /** So many good runs in a row until it is well again. Default 2. */
  readonly rise: number;
  /** `Fail` takes the VIPs of the pool away; `Degrade` makes the node less preferred. */
  readonly severity: 'Fail' | 'Degrade';
  /** What `Degrade` takes off the weight of the node, in percent. Default 50. */
  readonly penalty: number;
  /** In which role of the node, for this pool, the check is run. Default Any. */
  readonly role: 'Any' | 'Holder' | 'Standby';
  readonly probe: CheckProbe;
}

/** Whether a node runs the check. @param holds whether it holds VIPs of the pool */
export const isRunIn = ({ role }: Check, holds: boolean): boolean => role === 'Any' || (role === 'Holder') === holds;

/** What one kind of check looks at. */
export type CheckProbe =
  | TcpProbe
  | HttpProbe
  | ExecProbe
  | ScriptsProbe
  | ProcessProbe
  | InterfaceProbe
  | GatewayProbe
  | MountProbe
  | DeviceProbe
  | NfsProbe
  | SmbProbe
  | PostgresProbe;

export type CheckType = CheckProbe['type'];

/** A connection can be opened. */
export interface TcpProbe {
  readonly type: 'tcp';
  /** Name or address. Default 127.0.0.1. */
  readonly host: string;
  readonly port: number;
}

/** A GET is answered with one of these status codes; `https:` URLs as well. */
export interface HttpProbe {
  readonly type: 'http';
  readonly url: string;
  /** First and last accepted status code. Default 200 to 399; redirects are not followed. */
  readonly statuses: readonly [number, number];
  /** What the body must contain, within its first 64 KiB; empty: anything. */
  readonly contains: string;
  /** Whether certificates are verified. Default true. */
  readonly verifyTls: boolean;
}

/** A mounted program ends with 0. */
export interface ExecProbe {
  readonly type: 'exec';
  /** Absolute path below one of the agent's check directories, then the arguments. Never a shell. */
  readonly command: readonly string[];
}

/** Every executable file of a mounted directory ends with 0, in order of name, called with the argument `monitor`. */
export interface ScriptsProbe {
  readonly type: 'scripts';
  readonly directory: string;
}

/** At least one process runs; its end is noticed at once. */
export interface ProcessProbe {
  readonly type: 'process';
  /** As in /proc/PID/comm, at most 15 characters; empty where `pidFile` is given. */
  readonly process: string;
  readonly pidFile: string;
}

/** An interface has a carrier and an address of its own; noticed at once. A bond or a VLAN is one interface. */
export interface InterfaceProbe {
  readonly type: 'interface';
  /** Empty: the interface that would carry the VIPs of the pool. */
  readonly interface: string;
}

/** The gateway answers ARP (or NDP) on the service interface. */
export interface GatewayProbe {
  readonly type: 'gateway';
  /** Empty: the default gateway of that interface, else of the host. */
  readonly address: string;
  readonly interface: string;
}

/** Something is mounted there and answers. */
export interface MountProbe {
  readonly type: 'mount';
  readonly path: string;
  /** As in /proc/mounts ("ext4", "fuse.bindfs"); empty: any. */
  readonly fsType: string;
  /** Whether a file is written, read back and removed. */
  readonly writable: boolean;
}

/** A block device is there and running; an md array or a multipath map has all of its parts. */
export interface DeviceProbe {
  readonly type: 'device';
  /** "/dev/md0", or any link to it. */
  readonly path: string;
}

/** An NFS server answers NULL (v3) and a COMPOUND with PUTROOTFH (v4) over TCP. */
export interface NfsProbe {
  readonly type: 'nfs';
  readonly host: string;
  /** Default 2049. */
  readonly port: number;
  readonly versions: readonly (3 | 4)[];
}

/** An SMB server answers NEGOTIATE with a dialect of SMB 2 or 3. */
export interface SmbProbe {
  readonly type: 'smb';
  readonly host: string;
  /** Default 445. */
  readonly port: number;
}

/** PostgreSQL accepts connections and, where asked for, has this role. */
export interface PostgresProbe {
  readonly type: 'postgres';
  readonly host: string;
  /** Default 5432. */
  readonly port: number;
  readonly role: 'Any' | 'Primary' | 'Standby';
  readonly user: string;
  readonly database: string;
  /** Mounted file with the password; empty: none is needed. */
  readonly passwordFile: string;
}

/** How one run of a probe ended. */
export interface ProbeOutcome {
  readonly ok: boolean;
  /** Last line of output, or what was wrong; at most 200 characters, for people. */
  readonly output: string;
  /** A fact, like the end of a process, that needs no second look: it counts as `fall` runs. */
  readonly certain: boolean;
}

/** One finished run. */
export interface CheckRun extends ProbeOutcome {
  readonly pool: PoolName;
  readonly name: CheckName;
  readonly durationMs: number;
}
