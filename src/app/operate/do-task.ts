import type { TaskResult, VipTaskSpec } from '../../core/api/types.gen.ts';
import { isFinished } from '../../core/tasks/task-book.ts';
import type { ManifestWriter } from '../../ports/manifest-writer.ts';
import type { SourceSnapshot, TaskManifest } from '../../ports/source.ts';
import type { SourceSession } from './source-session.ts';

/** What `vippool move` and `vippool failback` print with -o json|yaml; field names are stable. */
export interface TaskReport {
  readonly task: string;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Expired';
  readonly message: string;
  readonly results: readonly TaskResult[];
}

export interface TaskOptions {
  readonly noWait: boolean;
  readonly timeoutMs: number;
}

/** Creates a task and waits until it is finished; with `noWait` only until it is on record. */
export async function doTask(
  session: SourceSession,
  writer: ManifestWriter,
  name: string,
  spec: VipTaskSpec,
  { noWait, timeoutMs }: TaskOptions,
): Promise<TaskReport> {
  await writer.createTask(name, spec);
  if (noWait) return { task: name, phase: 'Pending', message: `task ${name} is on record`, results: [] };
  let last: TaskManifest | undefined;
  const done = await session.until((snapshot) => {
    last = taskIn(snapshot, name) ?? last;
    return isFinished(last?.status) ? last : undefined;
  }, timeoutMs);
  const { phase = 'Pending', message = '', results = [] } = (done ?? last)?.status ?? {};
  if (done) return { task: name, phase, message, results };
  const waiting =
    phase === 'Pending'
      ? `no controller has begun it: is one master? It expires after 5 minutes, or remove task ${name}`
      : `${message}: not finished yet; task ${name} goes on`;
  return { task: name, phase, message: waiting, results };
}

const taskIn = ({ tasks = [] }: SourceSnapshot, name: string): TaskManifest | undefined =>
  tasks.find((task) => task.name === name);

/** "move-192-0-2-10-4fa1b2": names of objects have no dots next to each other, and no colons. */
export const taskName = (action: string, subject: string | undefined, unique: string): string =>
  [
    action,
    ...(subject === undefined ? [] : [subject.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')]),
    unique,
  ].join('-');
