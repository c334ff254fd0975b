/** Every chosen fault, one after the other, on as few labs as possible. Inside of an isolation. */
import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Fault, type Scene, type Stage, STAGES, type SystemName } from './fault.ts';
import { provenance } from '../lib/failover-report.ts';
import { type MatrixRow, rowOf } from './judge.ts';
import { firstMissing, missingKubeApiserver, missingTool } from '../../src/testing/missing.ts';
import { missingForCheckScripts } from '../lib/peers/check-scripts.ts';
import { missingCtdb } from '../lib/peers/ctdb.ts';
import { missingKeepalived } from '../lib/peers/keepalived.ts';
import { missingServices } from '../lib/services.ts';
import { missingForLab } from '../lib/requirements.ts';
import { FAULTS } from './faults/index.ts';
import type { MatrixOptions } from './options.ts';
import { type Profile, takeover } from './promises.ts';
import { startStage } from './systems/stage.ts';
import { type Trial, tryOnce } from './trial.ts';

/** Faults are watched for longer than they may last. */
const BEYOND_BOUND_MS = 300;
/** keepalived's default notices after three advertisements, a second each, and a skew. */
const PEER_DEFAULT_MS = 4_500;

function watchMs(system: SystemName, profile: Profile, fault: Fault): number {
  if (system !== 'vippool' && (profile === 'default' || fault.stage === 'services')) return PEER_DEFAULT_MS;
  const promised = fault.promised(profile);
  return Math.max(takeover(profile), Number.isFinite(promised) ? promised : 0) + BEYOND_BOUND_MS;
}

export interface MatrixEvents {
  /** A trial is over; a line of text about it. */
  trial?(line: string): void;
  /** All runs of a fault are over. */
  row?(row: MatrixRow): void;
}

/** Where the logs of trials are kept that must not have gone as they went. */
const LOGS = resolve(import.meta.dirname, '../../reports/failover-logs');
const NAME_WIDTH = 'keepalived:default'.length;
const FAULT_WIDTH = Math.max(...FAULTS.map(({ name }) => name.length));

function outcomeText(outcome: Trial | Error): string {
  if (outcome instanceof Error) return outcome.message;
  const [outage, back, two] = [outcome.outageMs, outcome.returnOutageMs, outcome.twoHoldersMs].map((ms) =>
    ms.toFixed(0),
  );
  const home = outcome.homeMs === undefined ? '' : `, home after ${outcome.homeMs.toFixed(0)} ms`;
  const strays = outcome.extraMoves ? `, ${outcome.extraMoves} stray moves` : '';
  const failure = outcome.failure === undefined ? '' : `, ${outcome.failure}`;
  return `${outage} ms, on return ${back} ms, two holders ${two} ms${home}${strays}${failure}`;
}

/** Why a system cannot be built on this machine; undefined where it can. */
const missing = (system: SystemName, stage: Stage): string | undefined =>
  firstMissing(
    missingForLab(),
    system === 'keepalived' ? missingKeepalived() : undefined,
    system === 'ctdb' ? missingCtdb() : undefined,
    system !== 'vippool' && stage === 'services' ? missingForCheckScripts() : undefined,
    stage === 'services' ? missingServices() : undefined,
    stage === 'kubernetes' ? firstMissing(missingKubeApiserver(), missingTool('kubectl')) : undefined,
  );

export interface MatrixResult {
  readonly rows: readonly MatrixRow[];
  /** What this machine lacks the means for. */
  readonly skipped: readonly string[];
  /** Faults of which no run came to its end, and why. */
  readonly failed: readonly string[];
}

export async function runMatrix(options: MatrixOptions, events: MatrixEvents = {}): Promise<MatrixResult> {
  const rows: MatrixRow[] = [];
  const skipped: string[] = [];
  const failed: string[] = [];
  for (const group of groupsOf(options)) {
    const reason = missing(group.system, group.stage);
    if (reason !== undefined) {
      skipped.push(`${nameOf(group)}: ${reason}`);
      continue;
    }
    const bench = new Workbench(group, options.awayMs);
    try {
      for (const fault of group.faults) {
        const row = await measure(bench, fault, options.runs, events);
        if (typeof row === 'string') failed.push(row);
        else rows.push(row);
      }
    } finally {
      await bench.clear();
    }
  }
  return { rows, skipped, failed };
}

interface Group {
  readonly system: SystemName;
  readonly profile: Profile;
  readonly stage: Stage;
  readonly faults: readonly Fault[];
}

const nameOf = ({ system, profile, stage }: Group): string => `${system}:${profile} on ${stage}`;

/** What can share a lab. A profile's peers run beside it, so that the machine was as busy for both. */
export function groupsOf({ profiles, systems, faults }: MatrixOptions): Group[] {
  const groups = profiles.flatMap((profile) =>
    systems.flatMap((system) =>
      STAGES.map((stage) => ({
        system,
        profile,
        stage,
        faults: faults.filter(
          (fault) => (fault.stage ?? 'hosts') === stage && (fault.systems ?? ['vippool']).includes(system),
        ),
      })),
    ),
  );
  // Peers have two profiles.
  return groups.filter((group) => group.faults.length > 0 && (group.system === 'vippool' || group.profile !== 'turbo'));
}

/** One lab, made anew when it is broken. */
class Workbench {
  readonly group: Group;
  readonly #awayMs: number;
  #scene: Scene | undefined;

  constructor(group: Group, awayMs: number) {
    this.group = group;
    this.#awayMs = awayMs;
  }

  async scene(): Promise<Scene> {
    return (this.#scene ??= await startStage({ ...this.group, awayMs: this.#awayMs }));
  }

  /** Of all processes since the lab was made; nothing where it could not be made. */
  keepLogs(name: string): void {
    if (this.#scene) cpSync(this.#scene.lab.logs, join(LOGS, name), { recursive: true });
  }

  async clear(): Promise<void> {
    const scene = this.#scene;
    this.#scene = undefined;
    await scene?.stop();
  }
}

/** A text where no run came to its end. */
async function measure(
  bench: Workbench,
  fault: Fault,
  runs: number,
  events: MatrixEvents,
): Promise<MatrixRow | string> {
  const { system, profile } = bench.group;
  const trials: Trial[] = [];
  const failures: string[] = [];
  for (let run = 1; run <= runs; run++) {
    const outcome = await bench
      .scene()
      .then((scene) => tryOnce(scene, fault, watchMs(system, profile, fault), system))
      .catch((error: unknown) => error as Error);
    const name = `${system}:${profile}`.padEnd(NAME_WIDTH);
    events.trial?.(`${name} ${fault.name.padEnd(FAULT_WIDTH)} ${run}/${runs}  ${outcomeText(outcome)}`);
    const failure = outcome instanceof Error ? outcome.message : outcome.failure;
    const odd = !(outcome instanceof Error) && (outcome.twoHoldersMs > 0 || (outcome.extraMoves ?? 0) !== 0);
    if (system === 'vippool' && (odd || failure !== undefined)) bench.keepLogs(`${profile}-${fault.name}-${run}`);
    if (!(outcome instanceof Error)) trials.push(outcome);
    if (failure === undefined) continue;
    failures.push(`run ${run}: ${failure}`);
    await bench.clear();
  }
  if (trials.length === 0) return `${nameOf(bench.group)}, ${fault.name}: ${failures.join('; ')}`;
  const row = rowOf({ system, profile, fault, trials, failures }, provenance());
  events.row?.(row);
  return row;
}
