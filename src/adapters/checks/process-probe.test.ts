import { describe, expect, it } from '@jest/globals';
import { contextOf } from '../../testing/check-context.ts';
import { realClock } from '../../testing/real-time.ts';
import { ProcessProbeRunner } from './process-probe.ts';
import type { ProcessView } from './process-view.ts';

const NOBODY = 'vippool-nobody';

const look = async (view: ProcessView, probe: { readonly process?: string; readonly pidFile?: string }) => {
  const runner = new ProcessProbeRunner({ watch: () => () => undefined }, realClock, view);
  const { ok, output } = await runner.run(
    { type: 'process', process: '', pidFile: '', ...probe },
    contextOf(),
    new AbortController().signal,
  );
  return `${ok} ${output}`;
};

describe('a process that the agent cannot see', () => {
  it('is not looked for among those of its container, where another one may have its number', async () => {
    const why = 'cannot be seen from the container of the agent: its pod needs hostPID (agent.hostPID of the chart)';
    expect(await look('container', { process: 'smbd' })).toBe(`false process smbd ${why}`);
    expect(await look('container', { pidFile: '/run/smbd.pid' })).toBe(`false process of /run/smbd.pid ${why}`);
  });

  it('may run elsewhere', async () => {
    expect(await look('host', { process: NOBODY })).toBe(`false process ${NOBODY} does not run`);
    expect(await look('another', { process: NOBODY })).toBe(
      `false process ${NOBODY} does not run where the agent can see it: a pod needs hostPID (agent.hostPID of the chart)`,
    );
  });
});
