import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ControllerLoop } from '../../app/controller/controller-loop.ts';
import { runDrain, runFailback, runHistory, runMove, runSimulate, runUndrain } from '../../bin/operate.ts';
import type { Outcome } from '../../bin/outcome.ts';
import { runStatus, runWho } from '../../bin/status.ts';
import type { TaskConfig } from '../../config/options/operate.ts';
import type { SourceOptions } from '../../config/options/source.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PoolManifest, Source } from '../../ports/source.ts';
import { nodeName, poolName, vipAddress } from '../../core/ids.ts';
import { TIMING_PROFILES } from '../../core/timing.ts';
import { electorate, instance } from '../core-builders.ts';
import { FakeElection } from '../fake-election-store.ts';
import { ObedientNodes } from '../obedient-nodes.ts';
import { realClock } from '../real-time.ts';
import { RecordedPorts } from '../recorded-ports.ts';
import { SnapshotRecorder } from '../snapshot-recorder.ts';

/** A place where pools are declared, empty at first. */
export interface OperateHarness {
  readonly options: SourceOptions;
  newSource(): Source;
  apply(name: string, spec: unknown): Promise<void>;
  /** Declares a NodeHealth. */
  applyNode(name: string, spec: unknown): Promise<void>;
  dispose(): Promise<void>;
}

const WITHIN_MS = 60_000;
const VIP = vipAddress('192.0.2.1');
const NODES = ['node-a', 'node-b', 'node-c'];
const ELECTORATE = electorate(1);
const NAS = {
  addresses: ['192.0.2.1-192.0.2.6'],
  interface: { names: ['s0'] },
  failback: { policy: 'Manual' },
};

/** Its timers keep no process alive. */
const idleClock: Clock = {
  ...realClock,
  after: (ms, fire) => {
    const timer = setTimeout(fire, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** What the commands of people do, with a controller and three nodes that obey it; `open` makes an empty place. */
export function operateContract(title: string, open: () => Promise<OperateHarness>): void {
  describe(`commands on ${title}`, () => {
    let harness: OperateHarness;
    let nodes: ObedientNodes;
    let controller: ControllerLoop;
    let recorder: SnapshotRecorder;

    const common = (): TaskConfig => ({
      ...harness.options,
      output: 'table',
      timeoutMs: 20_000,
      dryRun: false,
      noWait: false,
    });
    const said = ({ exitCode, output, errors = '' }: Outcome): string => `${exitCode}: ${output}${errors}`.trimEnd();
    const holderOf = (pool: PoolManifest, vip: string): string =>
      pool.status?.bindings?.find(({ address }) => address === vip)?.node ?? '';
    const isCalm = ({ status }: PoolManifest): boolean => status?.assigned === 6 && status.total === 6;
    const holder = async (vip: string = VIP): Promise<string> => holderOf(await recorder.untilPool('nas', isCalm), vip);
    /** The recorder has a source of its own, which may learn later than the command did. */
    const shown = async (is: (node: string) => boolean, vip: string = VIP): Promise<void> =>
      void (await recorder.untilPool('nas', (pool) => isCalm(pool) && is(holderOf(pool, vip))));
    const otherThan = (...names: readonly string[]): string => NODES.find((node) => !names.includes(node)) ?? '';

    beforeEach(async () => {
      harness = await open();
      await harness.apply('nas', NAS);
      nodes = new ObedientNodes(ELECTORATE, ...NODES);
      const self = instance('c1');
      const ports = new RecordedPorts();
      controller = new ControllerLoop(
        {
          clock: realClock,
          log: ports.log,
          metrics: ports.metrics,
          store: new FakeElection(idleClock).newStore(),
          server: nodes,
          source: harness.newSource(),
          peers: {
            connect: () => undefined,
            start: () => Promise.resolve(),
            send: () => undefined,
            stop: () => Promise.resolve(),
          },
          memory: { load: () => undefined, save: () => undefined, savePromise: () => undefined },
        },
        {
          self,
          node: nodeName('node-a'),
          bootId: 'boot',
          address: ELECTORATE.members[0]?.address,
          controllers: ELECTORATE.members,
          timing: TIMING_PROFILES.Default,
          election: { self, ttlMs: 3_000, marginMs: 500, pollMs: 500 },
        },
      );
      await controller.start();
      recorder = new SnapshotRecorder(harness.newSource()).start();
      await recorder.untilPool('nas', isCalm);
    }, WITHIN_MS);

    afterEach(async () => {
      await controller.stop();
      await recorder.source.stop();
      await harness.dispose();
    }, WITHIN_MS);

    test(
      'a move, what it left behind, and the way back',
      async () => {
        const from = await holder();
        const to = otherThan(from);
        const dry = await runMove({ ...common(), address: VIP, node: nodeName(to), dryRun: true });
        expect(said(dry)).toBe(`0: would move ${VIP} from ${from} to ${to}`);
        await shown((held) => held === from);
        const moved = await runMove({ ...common(), address: VIP, node: nodeName(to) });
        expect(said(moved)).toBe(`0: moved ${VIP} from ${from} to ${to}`);
        await shown((held) => held === to);
        const who = await runWho({ ...common(), address: VIP });
        expect(said(who)).toMatch(new RegExp(`^0: ${VIP} is held by ${to} on s0 .*Moved\\)\\n  why: a task moved it$`));
        const history = await runHistory({ ...common(), address: VIP, pool: undefined, output: 'json' });
        const [newest] = JSON.parse(history.output) as unknown[];
        expect(newest).toMatchObject({ pool: 'nas', address: VIP, from, to, reason: 'Moved' });
        const back = await runFailback({ ...common(), address: VIP, pool: undefined });
        expect(said(back)).toBe(`0: brought home ${VIP} from ${to} to ${from}`);
        await shown((held) => held === from);
        const again = await runFailback({ ...common(), address: undefined, pool: poolName('nas') });
        expect(said(again)).toBe('0: every VIP is at home already');
      },
      WITHIN_MS,
    );

    test(
      'a move that is impossible says why',
      async () => {
        const from = await holder();
        const to = otherThan(from);
        nodes.setCarrier(to, false);
        await recorder.untilPool('nas', (pool) => pool.status?.bindings?.every(({ node }) => node !== to) === true);
        const refused = await runMove({ ...common(), address: VIP, node: nodeName(to) });
        expect(said(refused)).toBe(
          `1: vippool: ${VIP} cannot go there: ${to} has no carrier on s0: plug it in, or choose another node`,
        );
        const unknown = await runMove({ ...common(), address: vipAddress('192.0.2.7'), node: nodeName('node-d') });
        expect(said(unknown)).toBe(
          '1: vippool: there is no VIP 192.0.2.7; did you mean 192.0.2.1?\nvippool: there is no node node-d; did you mean node-a?',
        );
      },
      WITHIN_MS,
    );

    test(
      'a drain waits until the last VIP is answered elsewhere; undrain ends it',
      async () => {
        const node = await holder();
        const own = (await recorder.untilPool('nas')).status?.bindings?.filter((item) => item.node === node) ?? [];
        const dry = await runDrain({ ...common(), node: nodeName(node), dryRun: true });
        expect([dry.exitCode, dry.output.split('\n').filter((line) => line.startsWith('would move')).length]).toEqual([
          0,
          own.length,
        ]);
        const drained = await runDrain({ ...common(), node: nodeName(node) });
        expect(said(drained)).toContain(`\n${node} is drained`);
        expect(drained.exitCode).toBe(0);
        for (const { address } of own) await shown((held) => held !== node, address);
        expect((await runUndrain({ ...common(), node: nodeName(node) })).exitCode).toBe(0);
        await recorder.until('no maintenance', ({ nodes: all }) =>
          all.some(({ name, status }) => name === node && status?.phase === 'Healthy'),
        );
        const home = await runFailback({ ...common(), address: undefined, pool: undefined });
        expect(home.exitCode).toBe(0);
        for (const { address } of own) await shown((held) => held === node, address);
      },
      WITHIN_MS,
    );

    test(
      'what is declared of a node is in force at once; a pool that contradicts itself goes on, and status says why',
      async () => {
        const node = await holder();
        await harness.applyNode(node, { weight: 0 });
        await shown((held) => held !== node);
        const before = (await recorder.untilPool('nas', isCalm)).status?.bindings;
        const groups = [
          { name: 'one', members: ['192.0.2.1', '192.0.2.2'], policy: 'Together' },
          { name: 'two', members: ['192.0.2.1', '192.0.2.2', '192.0.2.3'], policy: 'Apart' },
        ];
        await harness.apply('nas', { ...NAS, placement: { groups } });
        const isRefused = ({ status }: PoolManifest): boolean =>
          status?.conditions?.some(({ reason }) => reason === 'InvalidSpec') === true;
        expect((await recorder.untilPool('nas', isRefused)).status?.bindings).toEqual(before);
        const { exitCode, output } = await runStatus(common());
        expect([exitCode, output]).toEqual([
          0,
          expect.stringMatching(
            /\n {2}pool nas: Ready=False InvalidSpec: spec\.placement\.groups\[1\]: 192\.0\.2\.1 and 192\.0\.2\.2 shall be apart here and together in group one: remove /,
          ),
        ]);
        expect(output).toContain('\n  pool nas: ControllersVote=False LockOnly: with one controller');
        await harness.apply('nas', NAS);
        await recorder.untilPool('nas', (pool) => isCalm(pool) && !isRefused(pool));
      },
      WITHIN_MS,
    );

    test(
      'a drain that nobody can take over says what stayed and why; a simulation says so before',
      async () => {
        const [last = '', ...others] = NODES;
        const fail = others.map((name) => nodeName(name));
        const simulated = await runSimulate({ ...common(), fail: [nodeName(last)] });
        expect([simulated.exitCode, simulated.output.split('\n').length]).toEqual([0, 4]);
        for (const node of fail) expect((await runDrain({ ...common(), node })).exitCode).toBe(0);
        const all = await runSimulate({ ...common(), fail: [nodeName(last)] });
        expect(said(all)).toMatch(/^1: ADDRESS[^]*nobody/);
        const refused = await runDrain({ ...common(), node: nodeName(last) });
        expect(refused.exitCode).toBe(1);
        expect(refused.output).toContain(`stayed: ${VIP}: every node that could is drained`);
        expect(refused.output).toContain(`${last} is not drained: 6 VIPs stay`);
        await shown((held) => held === last);
      },
      WITHIN_MS,
    );
  });
}
