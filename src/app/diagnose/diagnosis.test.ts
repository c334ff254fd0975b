import { expect, test } from '@jest/globals';
import { nodeName, poolName } from '../../core/ids.ts';
import type { Evidence, Finding } from '../../ports/evidence.ts';
import type { SourceSnapshot } from '../../ports/source.ts';
import { FakeSource, FakeSourceStore } from '../../testing/fake-source.ts';
import { ScriptedSource } from '../../testing/scripted-source.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { Diagnosis } from './diagnosis.ts';
import { SourceEvidence } from './source-evidence.ts';

const NOBODY_STOPS = new AbortController().signal;

const SNAPSHOT: SourceSnapshot = {
  pools: [
    {
      name: poolName('nas'),
      uid: 'u',
      generation: 1,
      createdAt: '2026-01-01T00:00:00Z',
      deleting: false,
      spec: {},
      status: {
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            reason: 'AllBound',
            message: '',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
        bindings: [
          {
            address: '192.0.2.10',
            node: 'node-a',
            state: 'Bound',
            reason: 'PlacedAtHome',
            since: '2026-01-01T00:00:09Z',
          },
          { address: '192.0.2.11', state: 'Unassigned', reason: 'CapacityFull', since: '2026-01-01T00:00:05Z' },
        ],
        history: [
          { time: '2026-01-01T00:00:09Z', address: '192.0.2.10', from: 'node-b', to: 'node-a', reason: 'NodeLost' },
        ],
      },
    },
    { name: poolName('new'), uid: 'v', generation: 1, createdAt: '', deleting: false, spec: {}, status: undefined },
  ],
  nodes: [
    { name: nodeName('node-a'), status: { phase: 'Healthy', agentVersion: '0.1.0' } },
    { name: nodeName('node-b'), status: { phase: 'Unreachable', lastHeartbeatTime: '2026-01-01T00:00:08Z' } },
  ],
  problems: [],
  complete: true,
};

class FakeEvidence implements Evidence {
  readonly #findings: readonly (Finding | Error)[];

  constructor(...findings: readonly (Finding | Error)[]) {
    this.#findings = findings;
  }

  async *findings(): AsyncGenerator<Finding, void, undefined> {
    for (const finding of this.#findings) {
      if (finding instanceof Error) throw finding;
      yield await Promise.resolve(finding);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function diagnose(
  ...evidence: readonly Evidence[]
): Promise<{ files: Map<string, string>; diagnosis: Diagnosis }> {
  const facts = [{ what: 'this program', value: 'vippool 1' }];
  const format = (value: unknown): string => `${JSON.stringify(value)}\n`;
  const diagnosis = new Diagnosis({ evidence, clock: new VirtualClock(), facts, format });
  const files = new Map<string, string>();
  for await (const { path, text } of diagnosis.files(NOBODY_STOPS))
    files.set(path.replace('vippool-diagnose/', ''), text);
  return { files, diagnosis };
}

/** Lines of one section of the summary. */
function section(files: ReadonlyMap<string, string>, title: string): string[] {
  const [, after = ''] = (files.get('summary.txt') ?? '').split(`${title}\n`);
  const lines = after.split('\n');
  return lines.slice(0, lines.indexOf('')).map((line) => line.trim());
}

test('the summary tells what there is, what is wrong, and what is missing', async () => {
  const { files } = await diagnose(
    new FakeEvidence(
      { kind: 'fact', what: 'Kubernetes', value: 'v1.34.1' },
      { kind: 'snapshot', snapshot: SNAPSHOT },
      { kind: 'trouble', what: 'pod a/b', why: 'container agent waits: CrashLoopBackOff' },
      ...Array.from({ length: 8 }, (_, index): Finding => ({
        kind: 'missing',
        what: `log ${index}`,
        why: 'not allowed',
      })),
    ),
  );
  expect([...files.keys()]).toEqual(['README.txt', 'status.txt', 'status.json', 'history.txt', 'summary.txt']);
  expect(section(files, 'What there is')).toEqual([
    'this program: vippool 1',
    'Kubernetes: v1.34.1',
    'pools: 2, of which 1 are Ready',
    'VIPs: 2, of which 1 are held',
    'nodes: 2 (1 Healthy, 1 Unreachable)',
    'agents: 0.1.0 on 1 node, an unknown version on 1 node',
  ]);
  expect(section(files, 'What is not as it should be')).toEqual([
    'pool new: nothing was ever written about it: is a controller master?',
    'node node-b is Unreachable, last heard of at 2026-01-01T00:00:08Z',
    'VIP 192.0.2.11 of pool nas: Unassigned: CapacityFull: every node that could hold it is full',
    'pod a/b: container agent waits: CrashLoopBackOff',
  ]);
  expect(section(files, 'What could not be collected, and why')).toEqual([
    'log 0, log 1, log 2, log 3, log 4 and 3 more: not allowed',
  ]);
  expect(section(files, 'The last moves')[1]).toMatch(/^2026-01-01T00:00:09Z .* 192.0.2.10 +nas +node-b +node-a/);
});

test('no secret is left in any file, whatever it came with', async () => {
  const secret = 'password=hidden';
  const { files } = await diagnose(
    new FakeEvidence(
      { kind: 'text', path: 'pods/n/p/agent.log', text: `a\n${secret}\n` },
      { kind: 'objects', path: 'kubernetes/pods.yaml', objects: [{ args: [`--${secret}`] }, { token: 'hidden' }] },
      { kind: 'fact', what: 'image', value: 'https://user:hidden@registry/x' },
      { kind: 'trouble', what: 'pod', why: secret },
      { kind: 'missing', what: secret, why: secret },
      { kind: 'snapshot', snapshot: { ...SNAPSHOT, problems: [{ where: 'nas.yaml', message: secret }] } },
      new Error(secret),
    ),
  );
  for (const [path, text] of files) expect([path, text]).toEqual([path, expect.not.stringContaining('hidden')]);
  expect(files.get('pods/n/p/agent.log')).toBe('a\npassword=<removed>\n');
  expect(files.get('kubernetes/pods.yaml')).toBe('{"args":["--password=<removed>"]}\n---\n{"token":"<removed>"}\n');
});

test('evidence that breaks off takes nothing from the rest', async () => {
  const { files, diagnosis } = await diagnose(
    new FakeEvidence({ kind: 'text', path: 'a.log', text: 'a' }, new Error('broken')),
    new FakeEvidence({ kind: 'text', path: 'b.log', text: 'b' }),
  );
  expect([...files.keys()]).toEqual(['README.txt', 'a.log', 'b.log', 'summary.txt']);
  expect(diagnosis.found).toBe(2);
  expect(section(files, 'What could not be collected, and why')).toEqual(['the rest: broken']);
  expect(section(files, 'What is not as it should be')).toEqual(['not known']);
});

test('a source tells its pools, nodes and tasks, or why it does not', async () => {
  const store = new FakeSourceStore();
  store.apply('nas', { addresses: ['192.0.2.10'] });
  store.applyTask('go', { action: 'Failback' });
  const clock = new VirtualClock();
  const { files } = await diagnose(new SourceEvidence(new FakeSource(store), clock, 1_000));
  expect(files.get('resources/vippools.yaml')).toContain('192.0.2.10');
  expect(files.get('resources/viptasks.yaml')).toContain('Failback');
  expect(files.get('status.txt')).toContain('nas');

  const asked = diagnose(new SourceEvidence(new ScriptedSource(), clock, 1_000));
  await clock.advance(1_000);
  expect((await asked).diagnosis.missing).toEqual([
    { what: 'pools, nodes and tasks', why: 'the source did not answer within 1000 ms' },
  ]);
});
