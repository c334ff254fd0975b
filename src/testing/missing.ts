/** What this machine lacks: each function returns the reason why something cannot run here, or undefined. */
import { spawnSync } from 'node:child_process';
import { ETCD_FOR_KUBE_APISERVER, findTool } from '../../hack/tools/resolver.ts';

/** The first reason of several, or undefined when nothing is missing. */
export const firstMissing = (...reasons: readonly (string | undefined)[]): string | undefined =>
  reasons.find((reason) => reason !== undefined);

export const missingLinux = (): string | undefined =>
  process.platform === 'linux' ? undefined : `needs Linux, this is ${process.platform}`;

export const missingRoot = (): string | undefined => (process.getuid?.() === 0 ? undefined : 'needs root');

/** An external binary of hack/tools/versions.json that is on the machine or in the cache; installs nothing. */
export function missingTool(name: string, minVersion?: string): string | undefined {
  const tool = findTool(name, minVersion === undefined ? {} : { minVersion });
  return typeof tool === 'string' ? tool : undefined;
}

/**
 * Path of an external binary that `missingTool` did not report.
 *
 * @throws Error with the reason where it is missing all the same.
 */
export function toolPath(name: string, minVersion?: string): string {
  const tool = findTool(name, minVersion === undefined ? {} : { minVersion });
  if (typeof tool === 'string') throw new Error(tool);
  return tool.path;
}

/** A program on PATH, of any version. @param hint the package that has it. */
export function missingProgram(name: string, hint?: string): string | undefined {
  const { status } = spawnSync('sh', ['-c', 'command -v "$1" >/dev/null', 'sh', name]);
  if (status === 0) return undefined;
  return `needs the program ${name}${hint === undefined ? '' : ` (package ${hint})`}`;
}

/** Network namespaces with veth pairs: root, iproute2, and a kernel or container that allows it. */
export function missingNetworkNamespaces(): string | undefined {
  const basic = firstMissing(missingLinux(), missingRoot(), missingProgram('ip', 'iproute2'));
  if (basic !== undefined) return basic;
  const tried = spawnSync('unshare', ['--net', 'ip', 'link', 'add', 'vt0', 'type', 'veth', 'peer', 'name', 'vt1']);
  return tried.status === 0 ? undefined : 'needs network namespaces with veth pairs, which this machine refuses';
}

/** Interfaces that these lines of `ip` make in a network namespace of their own; their types may be missing in the kernel. */
export function missingLinks(what: string, lines: readonly string[]): string | undefined {
  const basic = missingNetworkNamespaces();
  if (basic !== undefined) return basic;
  const tried = spawnSync('unshare', ['--net', 'ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
  return tried.status === 0 ? undefined : `needs ${what}, which this kernel does not make`;
}

/** Why no API server can be started here; undefined where one can. */
export const missingKubeApiserver = (): string | undefined =>
  firstMissing(missingTool('etcd', ETCD_FOR_KUBE_APISERVER), missingTool('kube-apiserver'));

/** Path of an etcd that an API server works with. */
export const etcdForKubeApiserver = (): string => toolPath('etcd', ETCD_FOR_KUBE_APISERVER);
