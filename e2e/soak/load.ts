/** All processors kept busy at normal priority, by stress-ng where it is there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { missingProgram } from '../../src/testing/missing.ts';

export interface Load {
  /** "stress-ng --cpu 2". */
  readonly name: string;
  stop(): Promise<void>;
}

const SPIN = 'for (;;);';

/** It ends with this process, however that ends. */
export function startLoad(workers = availableParallelism()): Load {
  const stressNg = ['stress-ng', '--quiet', '--cpu', String(workers)];
  const found = missingProgram('stress-ng') === undefined;
  const commands = found ? [stressNg] : Array.from({ length: workers }, () => [process.execPath, '-e', SPIN]);
  const children = commands.map((command) =>
    spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { detached: true, stdio: 'ignore' }),
  );
  return {
    name: found ? stressNg.join(' ') : `${workers} processes that spin`,
    stop: async () => void (await Promise.all(children.map(end))),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) throw new Error('the load did not start: setpriv (package util-linux) is missing');
  if (child.exitCode !== null || child.signalCode !== null) throw new Error('the load ended before it was told to');
  const exited = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await exited;
}
