/** One line of /proc/self/mountinfo. */
export interface Mount {
  readonly path: string;
  readonly fsType: string;
  /** What is mounted, as it was given to mount: "/dev/sda1", "nas:/export". */
  readonly source: string;
  readonly readOnly: boolean;
}

/** What is mounted at `path` now; the last of several on top of one another. @param text of /proc/self/mountinfo */
export function mountAt(path: string, text: string): Mount | undefined {
  const wanted = path.length > 1 ? path.replace(/\/+$/, '') : path;
  const line = text
    .trimEnd()
    .split('\n')
    .findLast((candidate) => unescaped(candidate.split(' ', 5)[4] ?? '') === wanted);
  if (line === undefined) return undefined;
  const [before = '', after = ''] = line.split(' - ', 2);
  const [fsType = '', source = '', superOptions = ''] = after.split(' ');
  const readOnly = isReadOnly(before.split(' ')[5] ?? '') || isReadOnly(superOptions);
  return { path: wanted, fsType, source: unescaped(source), readOnly };
}

const isReadOnly = (options: string): boolean => options.split(',').includes('ro');

/** The kernel writes blanks and backslashes as octal numbers. */
const unescaped = (text: string): string =>
  text.includes('\\')
    ? text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))
    : text;
