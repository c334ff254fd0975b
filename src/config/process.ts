import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { KUBECTL_COMPLETER } from './completion.ts';
import type { InvocationInput } from './invocation.ts';

/** Version of the program, from the package that it is installed with. */
export function programVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return (manifest as { readonly version: string }).version;
}

/** The command line of this very process. */
export function invocationOfProcess(): InvocationInput {
  const [, script = '', ...argv] = process.argv;
  return {
    argv,
    environment: process.env,
    host: { hostname: hostname().toLowerCase() },
    program: programName(script),
    version: programVersion(),
    readFile: (path) => readFileSync(path, 'utf8'),
  };
}

/** kubectl runs a plugin "kubectl-vip" when the user types "kubectl vip", and its completer when he presses Tab. */
export function programName(script: string): string {
  const name = basename(script).replace(/\.[cm]?[jt]s$/, '');
  if (name === KUBECTL_COMPLETER) return KUBECTL_COMPLETER;
  return name === 'kubectl-vip' ? 'kubectl vip' : 'vippool';
}

/** Variables of this process, for a child that shall have the same. */
export const environmentOfProcess = (): NodeJS.ProcessEnv => process.env;

/** "Node.js v24.1.0, linux x64" */
export const runtimeOfProcess = (): string => `Node.js ${process.version}, ${process.platform} ${process.arch}`;
