import type { ProbeOutcome } from '../../core/checks.ts';

const OUTPUT_CHARS = 200;

/** The last line of `output` that is not empty, without control characters, at most 200 characters. */
export function lastLine(output: string): string {
  const lines = output.split(/[\r\n]+/);
  const line = lines.findLast((candidate) => candidate.trim() !== '') ?? '';
  // oxlint-disable-next-line no-control-regex
  const plain = line.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return Array.from(plain).slice(0, OUTPUT_CHARS).join('');
}

/** @param output what was seen; only its last line is kept, and of that 200 characters */
export const passed = (output: string): ProbeOutcome => ({ ok: true, output: lastLine(output), certain: false });

/**
 * @param output what is wrong; only its last line is kept, and of that 200 characters
 * @param certain a fact that needs no second look
 */
export const failed = (output: string, certain = false): ProbeOutcome => ({
  ok: false,
  output: lastLine(output),
  certain,
});
