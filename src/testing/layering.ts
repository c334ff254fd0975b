import { isGenerated, isTest, type SourceFile } from '../../hack/source/files.ts';
import { type Import, importsOf } from '../../hack/source/imports.ts';

/** Which folders of src/ a folder may import, besides itself. Tests and src/testing may import everything. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ports: ['core'],
  app: ['ports', 'core'],
  adapters: ['ports', 'core'],
  config: ['core'],
  gen: [],
  bin: ['adapters', 'app', 'config', 'ports', 'core'],
};

/** The agent runs without these: it holds no credentials and stays small. */
const NOT_IN_THE_AGENT = ['@kubernetes/client-node', 'etcd3'];
const AGENT_ENTRY = /^src\/(?:bin\/agent[^/]*\.ts|app\/agent\/.*\.ts|app\/agent[^/]*\.ts)$/;

export const MAX_LINES = 400;
export const MAX_MEDIAN_LINES = 100;

const isProduct = (path: string): boolean => !isTest(path) && !path.startsWith('src/testing/');
const layerOf = (path: string): string => path.split('/')[1] ?? '';
const adapterOf = (path: string): string => path.split('/')[2] ?? '';
const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Imports against the directions of the architecture, one line each. */
export function wrongDirections(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => isProduct(path))
    .flatMap(importsOf)
    .flatMap((edge) => {
      const reason = objection(edge);
      return reason === undefined ? [] : [`${edge.from} imports ${edge.to}: ${reason}`];
    });
}

function objection({ from, to, relative, typeOnly }: Import): string | undefined {
  const source = layerOf(from);
  const allowed = ALLOWED[source];
  if (allowed === undefined) return `src/${source} is no known layer`;
  if (!relative) {
    if (source === 'core') return 'core is pure: no packages, no node:';
    if (source === 'ports') return 'ports import only core';
    return undefined;
  }
  if (!to.startsWith('src/')) return 'src imports nothing outside src';
  const target = layerOf(to);
  if (source === 'adapters' && target === 'adapters') {
    return adapterOf(from) === adapterOf(to) ? undefined : 'adapters do not import one another';
  }
  if (target === 'gen' && source !== 'gen') {
    return from.startsWith('src/adapters/grpc/') ? undefined : 'only adapters/grpc sees the generated protocol';
  }
  if (target !== source && !allowed.includes(target)) return `${source} does not import ${target}`;
  if (source === 'ports' && !typeOnly) return 'ports import types only';
  return undefined;
}

/** Ways from the agent's entry points to a package that it must not load, one line each. */
export function forbiddenInAgent(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const queue = files.filter(({ path }) => isProduct(path) && AGENT_ENTRY.test(path)).map(({ path }) => [path]);
  const seen = new Set(queue.flat());
  const violations: string[] = [];
  for (let way = queue.shift(); way !== undefined; way = queue.shift()) {
    const file = byPath.get(way.at(-1) ?? '');
    if (file === undefined) continue;
    for (const { to, relative, typeOnly } of importsOf(file)) {
      if (typeOnly) continue;
      if (!relative && NOT_IN_THE_AGENT.includes(packageOf(to))) violations.push([...way, to].join(' -> '));
      if (!relative || seen.has(to)) continue;
      seen.add(to);
      queue.push([...way, to]);
    }
  }
  return violations;
}

const linesOf = ({ text }: SourceFile): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

/** Hand-written files that are too long, one line each. */
export function tooLong(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => !isGenerated(file.path) && linesOf(file) > MAX_LINES)
    .map((file) => `${file.path} has ${linesOf(file)} lines, more than ${MAX_LINES}`);
}

/** Median number of lines of the hand-written files that are not tests; 0 where there are none. */
export function medianLines(files: readonly SourceFile[]): number {
  const lengths = files
    .filter(({ path }) => !isGenerated(path) && !isTest(path))
    .map(linesOf)
    .sort((a, b) => a - b);
  return lengths[Math.floor(lengths.length / 2)] ?? 0;
}
