import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ProbeOutcome, ProcessProbe } from '../../core/checks.ts';
import type { Probe, ProbeContext } from '../../ports/check-probe.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ProcessWatcher } from './host-thread.ts';
import { failed, passed } from './outcome.ts';
import { ProcessTable } from './process-table.ts';
import { ProcessTrack } from './process-track.ts';
import { type ProcessView, processView } from './process-view.ts';
import { fileReads } from './thread-pool.ts';

/** Processes of one name that are followed; a service has fewer, or some of them tell enough. */
const MAX_TRACKED = 16;
/** A process that starts is seen so much later, and all checks of processes that are missing share one look. */
const SCAN_MAX_AGE_MS = 500;
/** After an end: no older than it, by and large. */
const FRESH_SCAN_MAX_AGE_MS = 5;
const PID_FILE_BYTES = 32;
const NEEDS = 'needs hostPID (agent.hostPID of the chart)';

/** At least one process of a name, or that of a pid file, runs. While one is followed a look costs one system call. */
export class ProcessProbeRunner implements Probe<ProcessProbe> {
  readonly #watcher: ProcessWatcher;
  readonly #table: ProcessTable;
  readonly #view: ProcessView;
  readonly #tracks = new Map<ProcessProbe, ProcessTrack>();

  constructor(watcher: ProcessWatcher, clock: Clock, view = processView()) {
    this.#watcher = watcher;
    this.#view = view;
    this.#table = new ProcessTable(clock);
  }

  watch(probe: ProcessProbe, changed: () => void): () => void {
    const track = new ProcessTrack(this.#watcher, changed);
    this.#tracks.set(probe, track);
    return () => {
      this.#tracks.delete(probe);
      track.close();
    };
  }

  async run(probe: ProcessProbe, context: ProbeContext, signal: AbortSignal): Promise<ProbeOutcome> {
    if (this.#view === 'container') {
      const who = probe.pidFile === '' ? probe.process : `of ${probe.pidFile}`;
      return failed(`process ${who} cannot be seen from the container of the agent: its pod ${NEEDS}`);
    }
    const wanted = probe.pidFile === '' ? undefined : await this.#pidOf(probe.pidFile, context, signal);
    if (typeof wanted === 'string') return failed(wanted, this.#endIn(probe));
    const track = this.#tracks.get(probe);
    const isIt = (pid: number): boolean => {
      if (wanted !== undefined && wanted !== pid) return false;
      const name = this.#table.nameOf(pid);
      return name !== undefined && (probe.process === '' || probe.process === name);
    };
    let alive = this.#still(track, isIt);
    const ended = track?.takeEnd() ?? false;
    if (alive.length === 0) {
      const maxAgeMs = ended ? FRESH_SCAN_MAX_AGE_MS : SCAN_MAX_AGE_MS;
      const found = wanted === undefined ? await this.#table.find(probe.process, maxAgeMs) : [wanted];
      // The check may be gone by now, and its track with it.
      const current = this.#tracks.get(probe);
      alive = found.slice(0, MAX_TRACKED).filter((pid) => (current ? current.add(pid, isIt) : isIt(pid)));
    }
    const what = wanted === undefined ? `process ${probe.process}` : `process ${wanted} of ${probe.pidFile}`;
    const [first, ...others] = alive;
    if (first === undefined) return failed(`${what} ${ended ? 'has ended' : this.#missing}`, ended);
    return passed(
      `${what} runs${wanted === undefined ? ` as ${first}` : ''}${others.length > 0 ? ` and ${others.length} more` : ''}`,
    );
  }

  get #missing(): string {
    return this.#view === 'host' ? 'does not run' : `does not run where the agent can see it: a pod ${NEEDS}`;
  }

  /** Those followed that live and are still what they were. */
  #still(track: ProcessTrack | undefined, isIt: (pid: number) => boolean): readonly number[] {
    return (track?.living() ?? []).filter((pid) => {
      if (isIt(pid)) return true;
      track?.drop(pid);
      return false;
    });
  }

  /** Whether all that was followed has ended. */
  #endIn(probe: ProcessProbe): boolean {
    const track = this.#tracks.get(probe);
    return track !== undefined && track.living().length === 0 && track.takeEnd();
  }

  /** The number in a pid file, or what is wrong with it. */
  async #pidOf(path: string, { timeoutMs }: ProbeContext, signal: AbortSignal): Promise<number | string> {
    try {
      const text = await fileReads.run(dirname(path), () => head(path), signal);
      if (text === undefined) return `${path} cannot be read within ${timeoutMs} ms`;
      const pid = Number(text.trim().split(/\s/, 1)[0]);
      return Number.isInteger(pid) && pid > 0 ? pid : `${path} holds no process id`;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return code === 'ENOENT'
        ? `${path} does not exist: the process does not run`
        : `${path} cannot be read: ${message}`;
    }
  }
}

/** The begin of a file. One that is a pipe does not hold it up. */
async function head(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(PID_FILE_BYTES), 0, PID_FILE_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
