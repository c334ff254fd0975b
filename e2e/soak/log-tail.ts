import type { Cluster } from '../lib/cluster.ts';
import type { LabProcess } from '../lib/process.ts';
import type { SoakRun } from './report.ts';

const MAX_LINES = 100;
/** What is worth reading of what a process says in order. */
const NOTABLE = /"level":"(warn|error)"|elected master|no longer master|VIP placed|node lease|agent ended/;

/** What the processes of a cluster say from now on. */
export class LogTail {
  readonly #processes: readonly {
    readonly host: string;
    readonly kind: 'agent' | 'controller';
    readonly process: LabProcess;
    readonly from: number;
  }[];

  constructor({ agents, controllers }: Cluster) {
    const all = (kind: 'agent' | 'controller', processes: ReadonlyMap<string, LabProcess>) =>
      [...processes].map(([host, process]) => ({ host, kind, process, from: process.log().length }));
    this.#processes = [...all('agent', agents), ...all('controller', controllers)];
  }

  #lines(kind: 'agent' | 'controller'): { readonly host: string; readonly line: string }[] {
    return this.#processes
      .filter((item) => item.kind === kind)
      .flatMap(({ host, process, from }) => {
        const lines = process.log().slice(from).split('\n');
        return lines.filter((line) => line !== '').map((line) => ({ host, line }));
      });
  }

  counts(): Pick<SoakRun, 'leaseEnds' | 'revocations' | 'restarts' | 'masterChanges'> {
    const [agents, controllers] = [this.#lines('agent'), this.#lines('controller')];
    const count = (lines: typeof agents, text: RegExp): number => lines.filter(({ line }) => text.test(line)).length;
    return {
      leaseEnds: count(agents, /node lease ended/),
      revocations: count(controllers, /node silent/),
      restarts: count(agents, /the agent ended/),
      masterChanges: count(controllers, /elected master|no longer master/),
    };
  }

  /** The first of those that tell why something happened: "node-1 agent: {...}". */
  notable(): string[] {
    return (['agent', 'controller'] as const)
      .flatMap((kind) => this.#lines(kind).map(({ host, line }) => ({ text: `${host} ${kind}: ${line}`, line })))
      .filter(({ line }) => NOTABLE.test(line))
      .slice(0, MAX_LINES)
      .map(({ text }) => text);
  }
}
