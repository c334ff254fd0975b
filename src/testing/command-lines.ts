import { readInvocation, type Invocation, type InvocationInput } from '../config/invocation.ts';

/** Complete command lines: nothing more is required. */
export const AGENT = [
  'agent',
  '--controllers=c0=192.0.2.1:7400',
  '--interfaces=eth1',
  '--allowed-addresses=192.0.2.0/24',
];
export const CONTROLLER = [
  'controller',
  '--listen',
  '192.0.2.1:7400',
  '--etcd',
  'http://192.0.2.1:2379',
  '--source=dir:pools',
];

/** Runs a command line on host "node-a"; `files` are the contents of files by path. */
export function run(
  argv: readonly string[],
  world: Partial<InvocationInput> & { files?: Record<string, string> } = {},
) {
  const { files = {}, ...input } = world;
  return readInvocation({
    argv,
    environment: {},
    host: { hostname: 'node-a' },
    program: 'vippool',
    version: '1.2.3',
    readFile: (path) => files[path] ?? raise(new Error(`ENOENT: no such file, open '${path}'`)),
    ...input,
  });
}

function raise(error: Error): never {
  throw error;
}

/** The problems that a refused command line names, one per line, without indentation. */
export function problemsOf(invocation: Invocation): string[] {
  if (invocation.kind !== 'refused') throw new Error(`accepted: ${JSON.stringify(invocation)}`);
  return invocation.text
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .map((line) => line.trim());
}
