import { stringify } from 'yaml';
import type { StatusConfig } from '../config/options/query.ts';
import { errorText } from '../core/error-text.ts';

/** What a command for people ends with. */
export interface Outcome {
  readonly exitCode: number;
  /** For standard output and standard error. */
  readonly output: string;
  readonly errors?: string;
}

/** Exit codes beyond 0. */
export const NOT_DONE = 1;
export const BAD_OPTIONS = 2;
export const SOURCE_UNREADABLE = 3;

/** JSON or YAML where the user asked for it. */
export function structured({ output }: Pick<StatusConfig, 'output'>, value: object): string | undefined {
  switch (output) {
    case 'json':
      return `${JSON.stringify(value, undefined, 2)}\n`;
    case 'yaml':
      return stringify(value);
    case 'table':
    case 'wide':
      return undefined;
  }
}

export function unreadable(error: unknown, what = 'cannot read the source'): Outcome {
  const message = errorText(error);
  return { exitCode: SOURCE_UNREADABLE, output: '', errors: `vippool: ${what}: ${message}\n` };
}

/** One line for each sentence. */
export const refusal = (sentences: readonly string[]): Outcome => ({
  exitCode: NOT_DONE,
  output: '',
  errors: sentences.map((sentence) => `vippool: ${sentence}\n`).join(''),
});
