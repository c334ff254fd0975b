import { constants } from 'node:os';
import type { ProbeOutcome } from '../../core/checks.ts';
import type { ProbeContext } from '../../ports/check-probe.ts';
import { failed, lastLine, passed } from './outcome.ts';
import type { ProgramEnd } from './programs.ts';

/** Some have a second name, which comes after the usual one. */
const SIGNALS = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** All that a program of a check finds in its environment, besides PWD. */
export const environmentOf = ({ pool, check, node, role, vips, timeoutMs }: ProbeContext): readonly string[] => [
  `PATH=${PATH}`,
  `VIPPOOL_POOL=${pool}`,
  `VIPPOOL_CHECK=${check}`,
  `VIPPOOL_NODE=${node}`,
  `VIPPOOL_ROLE=${role === 'Holder' ? 'holder' : 'standby'}`,
  `VIPPOOL_VIPS=${vips.join(' ')}`,
  `VIPPOOL_TIMEOUT_MS=${timeoutMs}`,
];

/** Exit code 0 is good; whatever else happened is not. @param what begins the line of a failure, like "20-disk: " */
export function outcomeOf(end: ProgramEnd, { timeoutMs }: ProbeContext, what = ''): ProbeOutcome {
  const wrong = (reason: string, output = ''): ProbeOutcome => {
    const said = lastLine(output);
    return failed(`${what}${reason}${said === '' ? '' : `: ${said}`}`);
  };
  switch (end.kind) {
    case 'ended':
      if (end.flooded) return wrong('killed, since it printed more than 1 MiB');
      if (end.code === 0) return passed(end.output);
      if (end.signal !== undefined)
        return wrong(`ended by ${SIGNALS.get(end.signal) ?? `signal ${end.signal}`}`, end.output);
      return wrong(`exit code ${end.code}`, end.output);
    case 'late':
      return wrong(`no answer within ${timeoutMs} ms`, end.output);
    case 'hangs':
      return wrong(`a program started ${Math.round(end.forMs)} ms ago hangs and cannot be killed`);
    case 'crowded':
      return wrong(`not started within ${timeoutMs} ms: ${end.limit} programs of other checks run`);
    case 'failed':
      return wrong(`could not be started: ${end.reason}`);
  }
}
