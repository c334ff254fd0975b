/** One line of a trace: "  3412.7  node-2   node lease ended   epoch=1 released=2". */
export function traceLine(
  at: number,
  who: string,
  what: string,
  fields: Readonly<Record<string, unknown>> | undefined,
): string {
  const details = Object.entries(fields ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${at.toFixed(1).padStart(9)}  ${who.padEnd(7)}  ${what}${details.length > 0 ? `   ${details.join(' ')}` : ''}`;
}
