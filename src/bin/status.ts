import { systemClock } from '../adapters/system/system-clock.ts';
import { systemRandom } from '../adapters/system/system-random.ts';
import { firstSnapshot } from '../app/status/first-snapshot.ts';
import { renderStatus } from '../app/status/render.ts';
import { reportOf, type StatusReport } from '../app/status/report.ts';
import { holderOf, renderHolder } from '../app/status/who.ts';
import type { StatusConfig, WhoConfig } from '../config/options/query.ts';
import { openSource } from './open-source.ts';
import { NOT_DONE, type Outcome, SOURCE_UNREADABLE, structured, unreadable } from './outcome.ts';

/** `vippool status` */
export async function runStatus(config: StatusConfig): Promise<Outcome> {
  const read = await readReport(config);
  if ('exitCode' in read) return read;
  const { report, now } = read;
  const text = structured(config, report) ?? renderStatus(report, { wide: config.output === 'wide', now });
  return { exitCode: 0, output: text };
}

/** `vippool who IP` */
export async function runWho(config: WhoConfig): Promise<Outcome> {
  const read = await readReport(config);
  if ('exitCode' in read) return read;
  const { report, now } = read;
  const holder = holderOf(report, config.address);
  const output = structured(config, holder) ?? renderHolder(holder, now);
  if (holder.held) return { exitCode: 0, output };
  if (report.complete) return { exitCode: NOT_DONE, output };
  const errors = report.problems.map(({ where, message }) => `vippool: ${where}: ${message}\n`).join('');
  return { exitCode: SOURCE_UNREADABLE, output, errors };
}

async function readReport(config: StatusConfig): Promise<{ report: StatusReport; now: Date } | Outcome> {
  const clock = systemClock;
  try {
    const source = await openSource(config, { clock, random: systemRandom, tasks: false });
    const snapshot = await firstSnapshot(source, clock, config.timeoutMs);
    return { report: reportOf(snapshot), now: clock.wallNow() };
  } catch (error) {
    return unreadable(error);
  }
}
