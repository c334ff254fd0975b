import { readlinkSync } from 'node:fs';

/** Of the pid namespace that the kernel begins with, which is that of the host; the same number on each. */
const HOST_NAMESPACE = 'pid:[4026531836]';

/**
 * Whose processes this one sees: all of the `host`; those of its `container` alone, so that a pid of the host means
 * somebody else or nobody; or those of `another` namespace, such as that of a host which is itself a container.
 */
export type ProcessView = 'host' | 'container' | 'another';

/** @param proc where procfs is mounted. @param executable of this process: that of the first process in its container */
export function processView(proc = '/proc', executable = process.execPath): ProcessView {
  const namespace = target(`${proc}/self/ns/pid`);
  if (namespace === undefined || namespace === HOST_NAMESPACE) return 'host';
  return target(`${proc}/1/exe`) === executable ? 'container' : 'another';
}

function target(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
