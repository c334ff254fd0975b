/** What containers of a node have logged, from the files of its kubelet. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../lib/host.ts';
import { NAMESPACE } from '../release.ts';
import type { Logged } from './attacks.ts';

/** A line about a refusal, with the address of whoever was refused. */
export interface RefusalLine extends Logged {
  readonly from: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Of the controller or agent of a node, since a time in ISO 8601. */
export function refusalsOf({ logs }: Host, component: 'controller' | 'agent', since: string): readonly RefusalLine[] {
  const files = globSync(`pods/${NAMESPACE}_vippool-${component}-*/${component}/*.log`, { cwd: logs });
  return files.flatMap((file) => refusalsIn(readFileSync(join(logs, file), 'utf8'))).filter(({ at }) => at >= since);
}

/** "TIME stdout F LINE" each, as the container runtime writes them. Pure. */
export const refusalsIn = (text: string): readonly RefusalLine[] =>
  text.split('\n').flatMap((line) => {
    const json = / std(?:out|err) F (\{.*)$/.exec(line)?.[1];
    const fields = json === undefined ? undefined : parsed(json);
    const { message, reason, peer, ts } = fields ?? {};
    if (message !== 'connection refused' && message !== 'message refused') return [];
    return [{ message, reason: String(reason), from: String(peer).replace(/:\d+$/, ''), at: String(ts) }];
  });

function parsed(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(json) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
