import { expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabProcess } from '../../lib/process.ts';
import { waitFor } from '../../lib/wait.ts';
import { steppableWallClock, stepWallClocks } from './step.ts';

const HOUR_MS = 3_600_000;
/** A parent with a child, as an agent is; both tell by which clock they live. */
const PROGRAM = `
  const { now } = Date;
  const tell = (who) => console.log(who, now(), new Date().getTime(), Date.parse(Date()), performance.now());
  const who = process.env.CHILD ?? 'parent';
  if (who === 'parent') {
    require('node:child_process').fork(process.argv[1], { env: { ...process.env, CHILD: 'child' } });
  }
  setInterval(() => tell(who), 20);
`;

it('steps the wall clock of a process and of its child, in every spelling, and nothing else', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'wall-clock-'));
  writeFileSync(join(directory, 'program.cjs'), PROGRAM);
  const subject = new LabProcess({
    name: 'subject',
    command: [process.execPath, join(directory, 'program.cjs')],
    env: steppableWallClock(join(directory, 'offset')),
    logFile: join(directory, 'log'),
  });
  const latest = (who: string): number[] => {
    const line = subject
      .log()
      .trimEnd()
      .split('\n')
      .findLast((item) => item.startsWith(`${who} `));
    return line?.split(' ').slice(1).map(Number) ?? [];
  };
  const both = async (aheadMs: number): Promise<void> => {
    const stepped = (): boolean =>
      ['parent', 'child'].every((who) => Math.abs((latest(who)[0] ?? 0) - Date.now() - aheadMs) < HOUR_MS / 4);
    await waitFor(`both to be ${aheadMs} ms ahead`, stepped, 10_000, () => subject.log());
    for (const who of ['parent', 'child']) {
      const [now = 0, constructed = 0, text = 0, monotonic = 0] = latest(who);
      expect(Math.abs(constructed - now)).toBeLessThan(1_000);
      expect(Math.abs(text - now)).toBeLessThan(2_000);
      expect(monotonic).toBeLessThan(60_000);
    }
  };
  try {
    subject.start();
    await both(0);
    stepWallClocks([subject], HOUR_MS);
    await both(HOUR_MS);
    stepWallClocks([subject], -2 * HOUR_MS);
    await both(-HOUR_MS);
  } finally {
    await subject.kill();
    rmSync(directory, { recursive: true });
  }
}, 30_000);
