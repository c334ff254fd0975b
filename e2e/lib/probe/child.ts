/** The side of a probe's process: commands come from the parent over Node's IPC channel, and end it with the parent. */
import { monotonicMs } from './clock.ts';

export interface Call {
  readonly id: number;
  readonly command: string;
  readonly argument?: unknown;
}

export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly ready: true };

/** What a process has used since it was ready. */
export interface Usage {
  readonly pid: number;
  readonly cpuMs: number;
  readonly elapsedMs: number;
}

export type Commands = Readonly<Record<string, (argument: never) => unknown>>;

/** Options that the parent gave on the command line. */
export const childOptions = (): unknown => JSON.parse(process.argv[2] ?? '{}');

/** Serves commands until the parent lets go of us. Every process knows the command `usage` besides. */
export function serve(commands: Commands): void {
  const begun = { cpu: process.cpuUsage(), atMs: monotonicMs() };
  const usage = (): Usage => {
    const { user, system } = process.cpuUsage(begun.cpu);
    return { pid: process.pid, cpuMs: (user + system) / 1_000, elapsedMs: monotonicMs() - begun.atMs };
  };
  const all: Commands = { usage, ...commands };
  const reply = (message: Reply): void => {
    process.send?.(message, () => undefined);
  };
  process.on('disconnect', () => process.exit(0));
  process.on('message', ({ id, command, argument }: Call) => {
    const run = async (): Promise<unknown> => {
      const found = all[command];
      if (!found) throw new Error(`unknown command ${command}`);
      return await found(argument as never);
    };
    run().then(
      (result) => reply({ id, result: result ?? null }),
      (error: unknown) => reply({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  reply({ ready: true });
}
