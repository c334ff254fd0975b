import { systemClock } from '../adapters/system/system-clock.ts';
import { systemRandom } from '../adapters/system/system-random.ts';
import { doTask, taskName, type TaskReport } from '../app/operate/do-task.ts';
import { drain, drainDryRun, type DrainReport } from '../app/operate/drain.ts';
import { historyOf, renderHistory } from '../app/operate/history.ts';
import { type Named, unknownNames } from '../app/operate/known-names.ts';
import { nodeFaults } from '../app/operate/node-faults.ts';
import { isLost, renderSimulation, simulate } from '../app/operate/simulate.ts';
import { SourceSession } from '../app/operate/source-session.ts';
import type { VipTaskSpec } from '../core/api/types.gen.ts';
import { formatDuration } from '../core/time.ts';
import type { DrainConfig, FailbackConfig, MoveConfig, TaskConfig, UndrainConfig } from '../config/options/operate.ts';
import type { HistoryConfig, SimulateConfig, StatusConfig } from '../config/options/query.ts';
import type { ManifestWriter } from '../ports/manifest-writer.ts';
import type { SourceSnapshot } from '../ports/source.ts';
import { openSource, openWriter } from './open-source.ts';
import { BAD_OPTIONS, NOT_DONE, type Outcome, refusal, structured, unreadable } from './outcome.ts';
import { errorText } from '../core/error-text.ts';

/** A source that does not answer for so long is away, however long the user waits for the rest. */
const FIRST_ANSWER_MS = 10_000;

/** `vippool move IP NODE` */
export const runMove = (config: MoveConfig): Promise<Outcome> => {
  const { address, node, dryRun } = config;
  const spec: VipTaskSpec = { action: 'Move', address, node, ...(dryRun && { dryRun }) };
  return runTask(config, { address, nodes: [node] }, 'move', address, spec);
};

/** `vippool failback [IP]` */
export const runFailback = (config: FailbackConfig): Promise<Outcome> => {
  const { address, pool, dryRun } = config;
  if (address !== undefined && pool !== undefined) {
    return Promise.resolve({
      ...refusal(['failback takes a VIP or a pool; leave out one of the two']),
      exitCode: BAD_OPTIONS,
    });
  }
  const spec: VipTaskSpec = {
    action: 'Failback',
    ...(address !== undefined && { address }),
    ...(pool !== undefined && { pool }),
    ...(dryRun && { dryRun }),
  };
  return runTask(config, { address, pool }, 'failback', address ?? pool, spec);
};

function runTask(
  config: TaskConfig,
  named: Named,
  action: string,
  subject: string | undefined,
  spec: VipTaskSpec,
): Promise<Outcome> {
  return withSource(config, named, true, async (session, writer) => {
    const report = await doTask(session, writer, taskName(action, subject, systemRandom.hex(3)), spec, config);
    return taskOutcome(config, report);
  });
}

function taskOutcome(config: TaskConfig, report: TaskReport): Outcome {
  const done = config.noWait || report.phase === 'Succeeded';
  const text = structured(config, report);
  if (text !== undefined) return { exitCode: done ? 0 : NOT_DONE, output: text };
  return done ? { exitCode: 0, output: `${report.message}\n` } : refusal([report.message]);
}

/** `vippool drain NODE` */
export function runDrain(config: DrainConfig): Promise<Outcome> {
  const { node, dryRun } = config;
  return withSource(config, { nodes: [node] }, false, async (session, writer, snapshot) => {
    const faults = dryRun ? [] : nodeFaults(snapshot, node, true);
    if (faults.length > 0) return refusal(faults);
    const report = dryRun ? drainDryRun(snapshot, node) : await drain(session, writer, node, config);
    const exitCode = config.noWait || (report.finished && report.stayed.length === 0) ? 0 : NOT_DONE;
    return { exitCode, output: structured(config, report) ?? drainText(report, config) };
  });
}

function drainText({ node, dryRun, moved, stayed, finished }: DrainReport, { noWait, timeoutMs }: DrainConfig): string {
  if (noWait) return `${node} is under maintenance\n`;
  const verb = dryRun ? 'would move' : 'moved';
  const lines = [
    ...moved.map(({ address, to, toNextMaster, message = 'it is in no status' }) => {
      const elsewhere = toNextMaster ? 'to the node of the next master' : `away; nobody holds it: ${message}`;
      return `${verb} ${address} ${to === undefined ? elsewhere : `to ${to}`}`;
    }),
    ...stayed.map(({ address, message }) => `${dryRun ? 'would stay' : 'stayed'}: ${address}: ${message}`),
  ];
  const [verbOfNode, left] = [dryRun ? 'would be' : 'is', stayed.length];
  if (!finished) lines.push(`not finished within ${formatDuration(timeoutMs)}; it goes on: is a controller master?`);
  else
    lines.push(left === 0 ? `${node} ${verbOfNode} drained` : `${node} ${verbOfNode} not drained: ${left} VIPs stay`);
  return `${lines.join('\n')}\n`;
}

/** `vippool undrain NODE` */
export function runUndrain(config: UndrainConfig): Promise<Outcome> {
  const { node } = config;
  return withSource(config, { nodes: [node] }, false, async (_, writer, snapshot) => {
    const faults = nodeFaults(snapshot, node, false);
    if (faults.length > 0) return refusal(faults);
    await writer.setMaintenance(node, false);
    const message = `maintenance of ${node} is over; VIPs come back as the failback policy of their pools says`;
    return { exitCode: 0, output: structured(config, { node, maintenance: false }) ?? `${message}\n` };
  });
}

/** `vippool history [IP]` */
export function runHistory(config: HistoryConfig): Promise<Outcome> {
  const { address, pool } = config;
  return withSource(config, { address, pool }, false, (_, __, snapshot) => {
    const rows = historyOf(snapshot, { address, pool });
    const wide = config.output === 'wide';
    const output = structured(config, rows) ?? renderHistory(rows, { wide, now: systemClock.wallNow() });
    return Promise.resolve({ exitCode: 0, output });
  });
}

/** `vippool simulate --fail NODE` */
export function runSimulate(config: SimulateConfig): Promise<Outcome> {
  return withSource(config, { nodes: config.fail }, false, (_, __, snapshot) => {
    const report = simulate(snapshot, config.fail);
    const exitCode = report.moves.some(isLost) ? NOT_DONE : 0;
    return Promise.resolve({
      exitCode,
      output: structured(config, report) ?? renderSimulation(report, config.output === 'wide'),
    });
  });
}

/** Names are checked before anything is done with them. */
async function withSource(
  config: StatusConfig,
  named: Named,
  tasks: boolean,
  act: (session: SourceSession, writer: ManifestWriter, snapshot: SourceSnapshot) => Promise<Outcome>,
): Promise<Outcome> {
  const writer = await openWriter(config, systemRandom);
  const session = new SourceSession(
    await openSource(config, { clock: systemClock, random: systemRandom, tasks }),
    systemClock,
  );
  try {
    session.start();
    const snapshot = await session.first(Math.min(config.timeoutMs, FIRST_ANSWER_MS));
    const unknown = unknownNames(snapshot, named);
    if (unknown.length > 0) return refusal(unknown);
    try {
      return await act(session, writer, snapshot);
    } catch (error) {
      return refusal([errorText(error)]);
    }
  } catch (error) {
    return unreadable(error);
  } finally {
    await Promise.all([session.stop(), writer.close()]);
  }
}
