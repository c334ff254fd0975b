/** What the agent's main thread and the thread that looks after processes tell each other. */
import type { ProgramRecordPlace } from './program-record.ts';

/** What the thread gets when it starts. */
export interface HostWorkerData {
  /** Read end of the pipe that wakes it. */
  readonly wakeFile: number;
  /** Its first element becomes 1 when a stop has killed every program. */
  readonly killed: Int32Array;
  /** Where it writes down which programs run. */
  readonly record: ProgramRecordPlace | undefined;
}

export type HostCommand =
  /** Starts a program; `argv` begins with its absolute path, `environment` is "NAME=value". */
  | {
      readonly kind: 'spawn';
      readonly id: number;
      readonly argv: readonly string[];
      readonly environment: readonly string[];
    }
  /** Signals the process group of a program. */
  | { readonly kind: 'signal'; readonly id: number; readonly signal: number }
  /** Tells when a process ends. `file`: from pidfd_open, now the thread's to close. */
  | { readonly kind: 'watch'; readonly id: number; readonly file: number }
  | { readonly kind: 'unwatch'; readonly id: number }
  /** Kills every program and ends the thread. `reap`: not before they have ended, or hang. */
  | { readonly kind: 'stop'; readonly reap: boolean };

/** How a program ended. */
export type ProgramReport =
  | {
      readonly kind: 'ended';
      /** Exit code, where it ended by itself. */
      readonly code: number | undefined;
      /** Number of the signal that ended it. */
      readonly signal: number | undefined;
      /** The end of what it printed. */
      readonly output: string;
      /** It printed too much and was killed. */
      readonly flooded: boolean;
    }
  | { readonly kind: 'failed'; readonly reason: string };

export type HostEvent =
  | { readonly kind: 'program'; readonly id: number; readonly report: ProgramReport }
  /** The watched process has ended. */
  | { readonly kind: 'gone'; readonly id: number };
