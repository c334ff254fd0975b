/** What a configuration must show: that the rules hold, or that a rule switched off, or a state wanted, is found out. */
export type Expectation = 'holds' | 'violated';

/** How one run of TLC ended. */
export interface Ending {
  readonly output: string;
  /** Undefined where it was stopped: its time was over, or somebody interrupted it. */
  readonly exitCode: number | undefined;
}

export interface Verdict {
  readonly passed: boolean;
  /** What came out, for the table. */
  readonly text: string;
}

/** `-mut-` switches one rule off, `-sane-` asks for a state that the model must reach; both end with a violation. */
export const expectationOf = (config: string): Expectation => (/-(mut|sane)-/.test(config) ? 'violated' : 'holds');

/** @param bounded the run may be stopped: its states are too many to see all. @param seconds how long it was given */
export function judge(
  expected: Expectation,
  { output, exitCode }: Ending,
  { bounded, seconds }: { readonly bounded: boolean; readonly seconds: number },
): Verdict {
  const violated = /Invariant (\S+) is violated/.exec(output)?.[1];
  const states = distinctStates(output);
  const seen = states === undefined ? '' : `, ${states} states`;
  if (violated !== undefined) {
    return { passed: expected === 'violated', text: `${violated} violated after ${traceLength(output)} states` };
  }
  if (exitCode === undefined) {
    const text = `no violation within ${seconds} s${seen}`;
    return { passed: bounded && expected === 'holds' && states !== undefined, text };
  }
  const closed = exitCode === 0 && output.includes('Model checking completed. No error has been found.');
  if (closed) return { passed: expected === 'holds', text: `closed, no violation${seen}` };
  return { passed: false, text: `TLC ended with code ${exitCode}: ${complaint(output)}` };
}

/** Length of the trace that TLC shows, the first state included. */
const traceLength = (output: string): number => [...output.matchAll(/^State \d+:/gm)].length;

/** The newest count: of distinct states, or in random walks of states checked. */
function distinctStates(output: string): string | undefined {
  const last = [...output.matchAll(/([\d,]+) (?:distinct states found|states checked)/g)].at(-1);
  return last?.[1] === undefined ? undefined : Number(last[1].replaceAll(',', '')).toLocaleString('en-US');
}

const complaint = (output: string): string => {
  const lines = output.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => /^(Error|\*\*\* |Parse Error|Exception)|error:/i.test(line)) ??
    lines.findLast((line) => line !== '') ??
    'no output'
  );
};
