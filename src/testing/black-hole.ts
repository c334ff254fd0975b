import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { HostNamespace } from './host-namespace.ts';

/** Nobody has it, and nothing says so: what is sent there vanishes. */
export const BLACK_HOLE = '192.0.2.66';

/** A host with a network in which packets to BLACK_HOLE vanish without a word. */
export async function hostWithBlackHole(): Promise<HostNamespace> {
  const host = await HostNamespace.create();
  host.ip('link add void0 type veth peer name void1');
  host.ip('addr add 192.0.2.1/24 dev void0');
  for (const end of ['void0', 'void1']) host.ip(`link set ${end} up`);
  // Without an entry the kernel would say after three seconds that nobody is there.
  host.ip(`neigh add ${BLACK_HOLE} lladdr 02:00:00:00:00:66 dev void0 nud permanent`);
  return host;
}

/** How a process ended, and how long that took from the line "stopped" on its output. */
export interface End {
  readonly code: number | null;
  readonly stderr: string;
  readonly exitMs: number;
}

/** Runs a module's text on the host until it ends; it writes the line "stopped" when it has closed everything. */
export async function runUntilExit(host: HostNamespace, script: string, limitMs = 20_000): Promise<End> {
  const [file, args] = host.inside(process.execPath, '--input-type=module', '-e', script);
  const child: ChildProcess = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stoppedAt = Number.NaN;
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    if (chunk.includes('stopped')) stoppedAt = performance.now();
  });
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(limit);
  return { code, stderr, exitMs: performance.now() - stoppedAt };
}
