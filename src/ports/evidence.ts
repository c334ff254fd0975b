import type { SourceSnapshot } from './source.ts';

/** What is found for a bug report. Nothing of it has been looked through for secrets. */
export type Finding =
  /** Pools, nodes and tasks, as far as they can be read. */
  | { readonly kind: 'snapshot'; readonly snapshot: SourceSnapshot }
  /** What a program said: a log, metrics. */
  | ({ readonly kind: 'text' } & ReportFile)
  /** Objects of an API or of manifests. */
  | { readonly kind: 'objects'; readonly path: string; readonly objects: readonly unknown[] }
  /** A line for the reader: "Kubernetes", "v1.34.1". */
  | { readonly kind: 'fact'; readonly what: string; readonly value: string }
  /** Something that is not as it should be: "pod vippool-system/vippool-agent-x2x7k", "waits: CrashLoopBackOff". */
  | { readonly kind: 'trouble'; readonly what: string; readonly why: string }
  /** What could not be had; findings that were missed for the same reason say the same `why`. */
  | { readonly kind: 'missing'; readonly what: string; readonly why: string };

/** One file of the report, by its path in there. The same thing has the same path each time. */
export interface ReportFile {
  readonly path: string;
  readonly text: string;
}

/** A place where findings are. */
export interface Evidence {
  /** Findings in the same order each time. After `signal` it tells what it has not come to, and ends. */
  findings(signal: AbortSignal): AsyncIterable<Finding>;
  close(): Promise<void>;
}
