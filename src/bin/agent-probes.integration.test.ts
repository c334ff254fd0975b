import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ScheduledCheckRunner } from '../adapters/checks/check-runner.ts';
import { AgentLoop } from '../app/agent/agent-loop.ts';
import type { AgentMessage } from '../core/messages.ts';
import type { ControllerLinkEvent } from '../ports/controller-link.ts';
import { C1, ELECTORATE, loopConfig } from '../testing/agent-on-fakes.ts';
import { check, term } from '../testing/core-builders.ts';
import { eventually } from '../testing/eventually.ts';
import { FakeFence, FakeFenceState } from '../testing/fake-fence.ts';
import { FakeNetwork } from '../testing/fake-network.ts';
import { realClock as clock, realRandom as random } from '../testing/real-time.ts';
import { RecordedPorts } from '../testing/recorded-ports.ts';
import { describeWith, missingLinux } from '../testing/requirements.ts';
import { agentProbes } from './agent-probes.ts';

/** Of all processes. */
const commandLines = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
      } catch {
        // It has just ended.
        return [];
      }
    });

const CHECKS = 12;
const HEARTBEATS = 10;

describeWith(missingLinux(), 'an agent with checks that hang', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'vippool-hang-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('sends its heartbeats in time all the same, says which checks hang, and leaves none of their programs', async () => {
    const program = join(directory, 'hang.sh');
    const marker = `${process.pid}${Date.now()}`;
    writeFileSync(program, `#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1.${marker}; done\n`);
    chmodSync(program, 0o755);
    const network = new FakeNetwork(() => undefined);
    const { log, metrics } = new RecordedPorts();
    const { probes, repairs, stopProbes } = agentProbes([directory], {
      clock,
      random,
      state: () => undefined,
      serviceInterfaces: () => [],
    });
    const fence = new FakeFence(new FakeFenceState(clock));
    const beats: number[] = [];
    let hear: (event: ControllerLinkEvent) => void = () => undefined;
    let states: readonly string[] = [];
    const send = (message: AgentMessage): void => {
      if (message.kind === 'health') states = message.checks.map(({ state }) => state);
      if (message.kind === 'hello') setImmediate(() => hear({ kind: 'message', controller: C1, message: ELECTORATE }));
      if (message.kind !== 'heartbeat') return;
      beats.push(clock.now());
      const ack = { kind: 'ack' as const, sequence: message.sequence, term: term(1), master: C1, electorate: 1 };
      setImmediate(() => hear({ kind: 'message', controller: C1, message: ack }));
    };
    const agent = new AgentLoop(
      {
        clock,
        random,
        log,
        metrics,
        network,
        fence,
        fenceReport: fence.start(),
        realtime: () => ({ active: false, message: 'test' }),
        memory: { load: () => undefined, save: () => undefined, saveLease: () => undefined },
        link: {
          connect: () => undefined,
          start: (onEvent) => {
            hear = onEvent;
            return Promise.resolve();
          },
          send: (_, message) => send(message),
          stop: () => Promise.resolve(),
        },
        checks: new ScheduledCheckRunner({ probes, clock, random, log, node: 'node-a' }),
        repairs,
      },
      loopConfig,
    );
    await agent.start();
    hear({ kind: 'connected', controller: C1 });
    const probe = { type: 'exec', command: [program] } as const;
    const checks = Array.from({ length: CHECKS }, (_, i) =>
      check(`hang-${i}`, { intervalMs: 500, timeoutMs: 300, fall: 1, probe }),
    );
    hear({
      kind: 'message',
      controller: C1,
      message: {
        kind: 'config',
        term: term(1),
        version: 1,
        checks,
        repairs: new Map(),
        logLevel: undefined,
        neighbours: [],
        serviceInterfaces: new Map(),
      },
    });
    await eventually(
      () => beats.length >= HEARTBEATS && states.length === CHECKS && states.every((state) => state === 'Failing'),
      (isDone) => isDone,
    );
    expect(commandLines().filter((line) => line.includes(program))).not.toEqual([]);
    await agent.stop('keep');
    await stopProbes();
    expect(commandLines().filter((line) => line.includes(program) || line.includes(marker))).toEqual([]);
    const gaps = beats.slice(1).map((at, i) => at - (beats[i] ?? at));
    expect(Math.max(...gaps)).toBeLessThan(loopConfig.timing.leaseMs / 2);
  }, 20_000);
});
