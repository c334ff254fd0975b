import { bad, good, single, type ValueType } from './value-type.ts';

/** Where pools are declared and their status is written. */
export type SourceConfig =
  | { readonly kind: 'kubernetes' }
  /** A directory of YAML manifests; relative paths start at the working directory. */
  | { readonly kind: 'directory'; readonly path: string };

export const aSource: ValueType<SourceConfig> = single('kubernetes|dir:PATH', (text) => {
  if (text === 'kubernetes') return good({ kind: 'kubernetes' });
  if (!text.startsWith('dir:')) return bad(`"${text}" is not a source; write kubernetes or dir:PATH`);
  const path = text.slice('dir:'.length);
  return path === ''
    ? bad('"dir:" names no directory; write for example dir:/etc/vippool/pools')
    : good({ kind: 'directory', path });
});
