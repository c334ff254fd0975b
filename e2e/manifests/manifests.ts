import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';

export interface Manifest {
  /** Folder and file name without ".yaml". */
  readonly name: string;
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string };
    readonly spec?: unknown;
  };
}

export interface BadManifest extends Manifest {
  /** Who refuses it first: the API server by the schema, or the controller. */
  readonly refusedBy: 'schema' | 'controller';
  /** "PATH: MESSAGE", everything that the controller, or a source without API server, says. */
  readonly says: readonly string[];
  /** What the answer of the API server contains. */
  readonly server: readonly string[];
}

const root = join(import.meta.dirname, '..', '..');

/** Every manifest that must be accepted, the examples too. */
export const goodManifests = (): readonly Manifest[] =>
  ['e2e/manifests/good', 'examples'].flatMap(readManifests).map(({ manifest }) => manifest);

/**
 * Every manifest that must be refused. Its leading comment tells by whom and how:
 *
 *     # refused-by: schema | controller
 *     # says: PATH: MESSAGE          (one line for each problem)
 *     # server: PART OF THE ANSWER   (only where the API server has its own words)
 */
export function badManifests(): readonly BadManifest[] {
  return readManifests('e2e/manifests/bad').map(({ manifest, text }) => {
    const values = (key: string): string[] =>
      [...text.matchAll(new RegExp(`^# ${key}: (.+)$`, 'gm'))].map(([, v = '']) => v);
    const [refusedBy] = values('refused-by');
    const says = values('says');
    if ((refusedBy !== 'schema' && refusedBy !== 'controller') || says.length === 0) {
      throw new Error(`${manifest.name}: the comment lacks refused-by or says`);
    }
    const server = values('server');
    return { ...manifest, refusedBy, says, server: server.length > 0 ? server : says.map(messageOf) };
  });
}

/** "spec.addresses[0]: not an address: ..." without the path. */
const messageOf = (line: string): string => line.slice(line.indexOf(': ') + 2);

function readManifests(directory: string): { manifest: Manifest; text: string }[] {
  const files = readdirSync(join(root, directory)).filter((file) => file.endsWith('.yaml'));
  return files.map((file) => {
    const text = readFileSync(join(root, directory, file), 'utf8');
    return {
      manifest: {
        name: `${basename(directory)}/${basename(file, '.yaml')}`,
        object: parse(text) as Manifest['object'],
      },
      text,
    };
  });
}
