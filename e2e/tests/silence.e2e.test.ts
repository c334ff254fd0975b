import { expect, it } from '@jest/globals';
import { benchSilence } from '../../bench/silence/silence.ts';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { missingForLab } from '../lib/requirements.ts';

const TRIALS = 6;

describeWith(missingForLab(), 'a host whose agent is gone or stands still', () => {
  it('D1 is silent within the lease', async () => {
    const etcd = toolPath('etcd');
    const reports = await benchSilence({
      etcd,
      profiles: ['Fast'],
      trials: TRIALS,
      hosts: 3,
      progress: () => undefined,
    });
    expect(reports.map(({ signal, withinBound }) => [signal, withinBound])).toEqual([
      ['SIGKILL', TRIALS],
      ['SIGSTOP', TRIALS],
    ]);
    for (const { silentFromMs } of reports) expect(silentFromMs.min).toBeGreaterThan(0);
  }, 120_000);
});
