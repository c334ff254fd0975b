/**
 * What a client sees when a holder loses its power or gives its VIPs up in order: vippool beside keepalived, on the same
 * topology, in the same run, in turns. Inside of an isolation.
 */
import { type FailoverRow, spread } from '../../e2e/lib/failover-report.ts';
import { Lab } from '../../e2e/lib/lab.ts';
import { Observer } from '../../e2e/lib/observer.ts';
import { sleep } from '../../e2e/lib/wait.ts';
import { type Candidate, type Fault, HOSTS, type Running, VIPS } from './candidate.ts';

interface Trial {
  readonly outageMs: number;
  readonly twoHoldersMs: number;
  readonly returnOutageMs: number;
}

/** Longer than what every candidate does periodically, so that a fault hits each phase of it alike. */
const PHASE_MS = 1_000;
const CALM_MS = 300;
/** What comes late, such as a second change of holders, is seen as well. */
const AFTERMATH_MS = 500;

/** Called with each trial as soon as it is over. */
export type Progress = (run: number, candidate: Candidate, fault: Fault, outageMs: number) => void;

/**
 * One round of all candidates after the other, so that what disturbs the machine disturbs all of them.
 *
 * @throws Error naming system, fault and run where the VIPs were not held again.
 */
export async function benchFailover(
  candidates: readonly Candidate[],
  runs: number,
  progress: Progress,
): Promise<FailoverRow[]> {
  const trials = new Map<string, Trial[]>();
  for (let run = 1; run <= runs; run++) {
    for (const candidate of candidates) {
      await withLab(candidate, async (running, observer) => {
        for (const fault of candidate.faults) {
          const trial = await tryOnce(running, observer, fault).catch((cause: unknown) => {
            throw new Error(`${candidate.system}:${candidate.profile} ${fault}, run ${run}: ${String(cause)}`, {
              cause,
            });
          });
          trials.set(keyOf(candidate, fault), [...(trials.get(keyOf(candidate, fault)) ?? []), trial]);
          progress(run, candidate, fault, trial.outageMs);
        }
      });
    }
  }
  return candidates.flatMap((candidate) =>
    candidate.faults.map((fault) => rowOf(candidate, fault, trials.get(keyOf(candidate, fault)) ?? [])),
  );
}

const keyOf = ({ system, profile }: Candidate, fault: Fault): string => `${system} ${profile} ${fault}`;

function rowOf({ system, profile }: Candidate, fault: Fault, trials: readonly Trial[]): FailoverRow {
  return {
    system,
    profile,
    fault,
    runs: trials.length,
    outageMs: spread(trials.map((trial) => trial.outageMs)),
    twoHoldersMs: spread(trials.map((trial) => trial.twoHoldersMs)),
    returnOutageMs: spread(trials.map((trial) => trial.returnOutageMs)),
  };
}

async function withLab(
  candidate: Candidate,
  use: (running: Running, observer: Observer) => Promise<void>,
): Promise<void> {
  const lab = Lab.create(HOSTS);
  const observer = await Observer.start(lab, VIPS);
  try {
    await use(await candidate.start(lab, observer), observer);
  } finally {
    await observer.stop();
    await lab.destroy();
  }
}

async function tryOnce(running: Running, observer: Observer, fault: Fault): Promise<Trial> {
  await sleep(CALM_MS + PHASE_MS * Math.random());
  const before = observer.mark();
  const inflicted = await running.inflict(fault);
  await sleep(AFTERMATH_MS);
  const during = await observer.since(before);
  const healing = observer.mark();
  await inflicted.heal();
  await sleep(AFTERMATH_MS);
  const after = await observer.since(healing);
  return {
    outageMs: during.worstOutage,
    twoHoldersMs: Math.max(during.twoHoldersMs, after.twoHoldersMs),
    returnOutageMs: after.worstOutage,
  };
}
