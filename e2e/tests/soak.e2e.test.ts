import { expect, it } from '@jest/globals';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { missingForLab } from '../lib/requirements.ts';
import { startLoad } from '../soak/load.ts';
import { complaints } from '../soak/report.ts';
import { soak } from '../soak/soak.ts';

const SECONDS = 5;

describeWith(missingForLab(), 'hosts to which nothing is done', () => {
  it('keep their VIPs and their master', async () => {
    const run = await soak({ etcd: toolPath('etcd'), profile: 'Default', load: 'idle', seconds: SECONDS });
    expect(complaints([run])).toEqual([]);
    expect(run.worstRoundTripMs).toBeGreaterThan(0);
    expect(run.worstTimerLatenessMs).toBeGreaterThan(0);
  }, 60_000);

  it('keep them while all processors are busy', async () => {
    const load = startLoad();
    try {
      const run = await soak({ etcd: toolPath('etcd'), profile: 'Default', load: 'busy', seconds: SECONDS });
      expect(complaints([run])).toEqual([]);
    } finally {
      await load.stop();
    }
  }, 90_000);
});
