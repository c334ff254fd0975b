import type { SourceProblem } from '../../ports/source.ts';
import { parseManifests, type Manifest, type TextProblem } from './manifest-text.ts';

/** What a look at one file found. */
export type FileContent =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** When the file came to be, RFC 3339. */
      readonly bornAt: string;
    }
  | { readonly kind: 'unreadable'; readonly reason: string };

export interface Declaration extends Manifest {
  /** Name of the file inside the directory. */
  readonly file: string;
  readonly bornAt: string;
}

export interface Declarations {
  /** One per kind and name. */
  readonly manifests: readonly Declaration[];
  readonly problems: readonly SourceProblem[];
  /** False while some file may hold a pool that was never readable. */
  readonly complete: boolean;
}

interface FileState {
  readonly content: FileContent;
  /** The last valid version. */
  readonly inForce: readonly Declaration[];
  readonly problems: readonly TextProblem[];
  readonly everValid: boolean;
}

const MANIFEST_FILE = /^[^.#].*\.ya?ml$/;

/** Hidden files and what editors leave lying around are no manifests. */
export const isManifestFile = (name: string): boolean => MANIFEST_FILE.test(name);

/** The manifest files of a directory: a bad edit never takes away what its file declared before. */
export class ManifestFiles {
  readonly #files = new Map<string, FileState>();

  names(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** Whether this content (undefined: no file) differs from what we know of the file. */
  differs(file: string, content: FileContent | undefined): boolean {
    const known = this.#files.get(file)?.content;
    if (known?.kind === 'text' && content?.kind === 'text') return known.text !== content.text;
    return known?.kind !== content?.kind;
  }

  put(file: string, content: FileContent): void {
    this.#files.set(file, nextState(this.#files.get(file), file, content));
  }

  /** The file was removed, and its pools with it. */
  remove(file: string): void {
    this.#files.delete(file);
  }

  /** The file that declares this and nothing else, if there is one. */
  fileOfOnly(kind: Manifest['kind'], name: string): string | undefined {
    const isIt = (declaration: Declaration): boolean => declaration.kind === kind && declaration.name === name;
    for (const [file, { inForce, problems }] of this.#files) {
      if (inForce.length === 1 && problems.length === 0 && inForce.every(isIt)) return file;
    }
    return undefined;
  }

  /** Two files that declare the same: the first one by name counts, so that the answer is always the same. */
  declarations(): Declarations {
    const manifests = new Map<string, Declaration>();
    const problems: SourceProblem[] = [];
    let complete = true;
    for (const [file, state] of [...this.#files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      complete &&= state.everValid;
      for (const { line, message } of state.problems) problems.push({ where: `${file}:${line}`, message });
      for (const declaration of state.inForce) {
        const key = keyOf(declaration);
        const first = manifests.get(key);
        if (first === undefined) manifests.set(key, declaration);
        else {
          const message = `${key} is declared in ${first.file}:${first.line} already: remove one of the two`;
          problems.push({ where: `${file}:${declaration.line}`, message });
        }
      }
    }
    return { manifests: [...manifests.values()], problems, complete };
  }
}

function nextState(previous: FileState | undefined, file: string, content: FileContent): FileState {
  const before = previous?.inForce ?? [];
  const everValid = previous?.everValid ?? false;
  if (content.kind === 'unreadable') {
    const message = `the file cannot be read: ${content.reason}`;
    return { content, inForce: before, problems: [{ line: 1, message, mayHidePool: true }], everValid };
  }
  const { manifests, problems } = parseManifests(content.text);
  const declared = manifests.map((manifest): Declaration => ({ ...manifest, file, bornAt: content.bornAt }));
  if (problems.some((problem) => problem.mayHidePool)) {
    const named = new Set(declared.map(keyOf));
    const kept = before.filter((declaration) => !named.has(keyOf(declaration)));
    return { content, inForce: [...declared, ...kept], problems, everValid };
  }
  if (declared.length === 0 && before.length > 0) {
    const message =
      'the file declares nothing any more, so its last version counts: remove the file to remove its pools';
    return { content, inForce: before, problems: [...problems, { line: 1, message, mayHidePool: true }], everValid };
  }
  return { content, inForce: declared, problems, everValid: true };
}

/** `VipPool "nas"` */
const keyOf = (manifest: Manifest): string => `${manifest.kind} "${manifest.name}"`;
