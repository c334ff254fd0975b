import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { eventually } from '../../testing/eventually.ts';
import type { ExecDemand } from '../../testing/exec-process.ts';
import { LineProcess } from '../../testing/line-process.ts';
import { describeWith, missingLinux } from '../../testing/requirements.ts';
import { ProgramRecord, type ProgramRecordPlace } from './program-record.ts';
import { uptimeTicks } from './sys.ts';

const AGENT = fileURLToPath(new URL('../../testing/exec-process.ts', import.meta.url));
const BOOT = '11111111-2222-3333-4444-555555555555';
const here = { inside: (...[file = '', ...args]: readonly string[]): [string, string[]] => [file, args] };

/** Process groups of those that live and have this in their command line. */
const groupsOf = (text: string): readonly number[] => {
  const groups = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)) return [];
        return [Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2])];
      } catch {
        return [];
      }
    });
  return [...new Set(groups)];
};

describeWith(missingLinux(), 'programs of an agent that was killed', () => {
  let directory: string;
  let place: ProgramRecordPlace;
  const agents: LineProcess[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'vippool-record-'));
    place = { path: join(directory, 'state/agent-programs'), bootId: BOOT };
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.killed();
    // Ends what the last one has left.
    ProgramRecord.open(place).close();
    rmSync(directory, { recursive: true });
  });

  const script = (text: string): readonly string[] => {
    const path = join(directory, 'program');
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
    return [path];
  };
  async function agentThatRuns(command: readonly string[]): Promise<LineProcess> {
    const agent = await LineProcess.start(here, AGENT);
    agents.push(agent);
    const demand: ExecDemand = { directory, command, place };
    await agent.call('begin', demand);
    agent.call('run', demand).catch(() => undefined);
    return agent;
  }

  it('are ended by the next one before it starts any, with all that they started', async () => {
    // It ignores what can be ignored.
    const command = script(
      [
        `trap '' TERM HUP INT PIPE`,
        `echo $$ >>${directory}/started`,
        `sleep 4713.$$ & while :; do sleep 0.01; done`,
      ].join('\n'),
    );
    const started = (): readonly string[] => {
      try {
        return readFileSync(join(directory, 'started'), 'utf8').split('\n').filter(Boolean);
      } catch {
        return [];
      }
    };
    for (let time = 1; time <= 3; time++) {
      const agent = await agentThatRuns(command);
      await eventually(started, (pids) => pids.length === time);
      const pid = started().at(-1);
      // None of the former ones.
      expect(groupsOf(`${directory}/program`)).toEqual([Number(pid)]);
      await eventually(
        () => groupsOf(`4713.${pid}`),
        (found) => found.length === 1,
      );
      // Nor of what they started.
      expect(groupsOf('4713.')).toEqual([Number(pid)]);
      await agent.killed();
      // It would run on for ever.
      expect(groupsOf(`${directory}/program`)).toEqual([Number(pid)]);
    }
  }, 30_000);

  it('leave nothing behind whenever it is killed while they start', async () => {
    const command = script(`echo $$ >>${directory}/started; exec sleep 60`);
    for (let time = 0; time < 5; time++) {
      const agent = await agentThatRuns(command);
      await new Promise((resolve) => setTimeout(resolve, 30 * time));
      await agent.killed();
      ProgramRecord.open(place).close();
      await eventually(
        () => groupsOf(directory).length,
        (count) => count === 0,
      );
    }
  }, 30_000);

  it('are left alone where the number belongs to somebody else by now, or is of another boot', async () => {
    const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const ended = once(child, 'exit');
    const write = (until: bigint, bootId: string): void => {
      const slot = Buffer.alloc(16);
      slot.writeUInt32LE(child.pid ?? 0, 0);
      slot.writeBigUInt64LE(until, 8);
      writeFileSync(place.path, Buffer.concat([Buffer.from(bootId), slot]));
    };
    ProgramRecord.open(place).close();
    write(uptimeTicks() - 6_000n, BOOT);
    ProgramRecord.open(place).close();
    write(uptimeTicks(), BOOT.replaceAll('1', '2'));
    ProgramRecord.open(place).close();
    expect(child.kill(0)).toBe(true);
    expect(child.signalCode).toBeNull();
    // Which it is not where both are right.
    write(uptimeTicks(), BOOT);
    ProgramRecord.open(place).close();
    expect(await ended).toEqual([null, 'SIGKILL']);
  });
});
