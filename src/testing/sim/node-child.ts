import { spawn } from 'node:child_process';

export interface ChildEnd {
  /** Null: it was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
}

/** A child of this Node.js, to its end. @param cwd default: that of this process */
export async function nodeChild(
  args: readonly string[],
  { cwd, stderr }: { readonly cwd?: string; readonly stderr: 'inherit' | 'ignore' },
): Promise<ChildEnd> {
  const child = spawn(process.execPath, args, { ...(cwd && { cwd }), stdio: ['ignore', 'pipe', stderr] });
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, stdout };
}
