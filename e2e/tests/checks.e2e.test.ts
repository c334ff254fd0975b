import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { CheckResult } from '../../src/core/api/types.gen.ts';
import { describeWith, toolPath } from '../../src/testing/requirements.ts';
import { lenient, MOVE_MS } from '../lib/bounds.ts';
import { checkScript, installCheckScripts } from '../lib/check-scripts.ts';
import { AGENT_PORT, CHECK_DIR, Cluster } from '../lib/cluster.ts';
import { HOST_ROOT } from '../lib/host.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { type HealthSpec, nodeManifest, poolManifest } from '../lib/pool-manifest.ts';
import { missingForLab } from '../lib/requirements.ts';
import { now, sleep, waitFor } from '../lib/wait.ts';

const HOSTS = ['node-1', 'node-2', 'node-3'];
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12'];
const HOMES = { '192.0.2.10': 'node-1', '192.0.2.11': 'node-2', '192.0.2.12': 'node-3' };
const POOL = 'nas';
/** How long a check flips: 300 is what is promised. */
const FLIP_SECONDS = Number(process.env['FLIP_SECONDS'] ?? 60);
const MOST_MOVES = 3;
const MANY_CHECKS = 200;
const CHECKS_OF_A_POOL = 25;
/** Of a core, with 200 checks and the programs that they start: 5 % is promised. */
const PROMISED_LOAD = 0.05;

const ILL = 'ill';
const SCRIPTS: Readonly<Record<string, string>> = {
  'well-unless-told.sh': `[ ! -e ${HOST_ROOT}/${ILL} ] || { echo "told to be ill"; exit 1; }`,
  'tells-its-role.sh': `echo "$VIPPOOL_CHECK $VIPPOOL_ROLE" >> ${HOST_ROOT}/roles`,
  'hangs.sh': "trap '' TERM INT HUP; while :; do sleep 1; done",
};

describeWith(missingForLab(), 'checks of a pool', () => {
  let lab: Lab;
  let cluster: Cluster;
  let observer: Observer;

  const declare = (health: HealthSpec): void =>
    cluster.apply(POOL, poolManifest(POOL, VIPS, { homes: HOMES, failbackDelay: '1s', health }));
  const checksOf = (node: string): readonly CheckResult[] => cluster.nodeStatus(node)?.checks ?? [];
  const checkOf = (node: string, name: string): CheckResult | undefined =>
    checksOf(node).find((check) => check.name === name);
  const setIll = (node: string, ill: boolean): void => {
    const file = join(lab.host(node).root, ILL);
    if (ill) writeFileSync(file, '');
    else rmSync(file, { force: true });
  };
  const atHome = async (): Promise<void> => {
    for (const [vip, home] of Object.entries(HOMES)) await observer.waitForHolder(vip, home, 20_000);
  };

  beforeAll(async () => {
    lab = Lab.create(HOSTS);
    installCheckScripts(lab, SCRIPTS);
    cluster = await Cluster.start(lab, { etcd: toolPath('etcd') });
    observer = await Observer.start(lab, VIPS);
    declare({ checks: [] });
    await cluster.ready(POOL);
    await atHome();
  }, 60_000);

  afterAll(async () => {
    await observer?.stop();
    await lab?.destroy();
  }, 30_000);

  it('A9 a program that hangs fails its check, and delays neither heartbeats nor other checks', async () => {
    const mark = observer.mark();
    declare({
      checks: [
        {
          name: 'hangs',
          type: 'exec',
          command: [`${CHECK_DIR}/hangs.sh`],
          interval: '500ms',
          timeout: '300ms',
          severity: 'Degrade',
          penalty: 1,
        },
        { name: 'other', type: 'exec', command: [`${CHECK_DIR}/well-unless-told.sh`], interval: '1s' },
      ],
    });
    const judged = (): boolean =>
      HOSTS.every((node) => checkOf(node, 'hangs')?.state === 'Failing' && checkOf(node, 'other')?.state === 'Passing');
    await waitFor('the hanging check to fail everywhere', judged, 10_000, () => JSON.stringify(checksOf('node-1')));
    await sleep(3_000);
    const seen = await observer.since(mark);
    expect(seen.moves).toBe(0);
    expect(seen.worstOutage).toBeLessThanOrEqual(lenient(MOVE_MS));
    for (const node of HOSTS) {
      expect(cluster.nodeStatus(node)?.leaseEpoch).toBe(1);
      expect(checkOf(node, 'other')?.state).toBe('Passing');
      expect(parseFloat(cluster.nodeStatus(node)?.networks?.management?.rtt ?? 'NaN')).toBeLessThan(100);
    }
  }, 30_000);

  it('A9 a program that one host lacks takes its VIPs, says what to do, and leaves the others alone', async () => {
    const program = checkScript(lab.host('node-2'), 'well-unless-told.sh');
    const text = readFileSync(program, 'utf8');
    declare({ checks: [] });
    await sleep(500);
    rmSync(program);
    const mark = observer.mark();
    declare({
      checks: [{ name: 'script', type: 'exec', command: [`${CHECK_DIR}/well-unless-told.sh`], interval: '500ms' }],
    });
    await observer.heldBy(['node-1', 'node-3'], 10_000);
    const told = (): string | undefined =>
      cluster.nodeStatus('node-2')?.conditions?.find(({ type, status }) => type === 'ChecksPass' && status === 'False')
        ?.message;
    expect(await waitFor('the condition', told, 5_000)).toMatch(
      /well-unless-told\.sh does not exist on this host: mount/,
    );
    const seen = await observer.since(mark);
    expect(seen.movesOf('192.0.2.10') + seen.movesOf('192.0.2.12')).toBe(0);
    const isReady = (): boolean =>
      cluster.poolStatus(POOL)?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
    await waitFor('the pool to be ready', isReady, 5_000);
    writeFileSync(program, text, { mode: 0o755 });
    await atHome();
  }, 60_000);

  it('A9 a check with a role runs only on hosts that have it, and begins and ends with it', async () => {
    const command = [`${CHECK_DIR}/tells-its-role.sh`];
    // A busy machine that does not start the program in time shall take no VIP, and with it the role.
    const times = { interval: '500ms', fall: 10 };
    declare({
      checks: [
        { name: 'of-holders', type: 'exec', command, role: 'Holder', ...times },
        { name: 'of-standbys', type: 'exec', command, role: 'Standby', ...times },
      ],
    });
    const states = (node: string): string =>
      // One that was never run here is in no status.
      ['of-holders', 'of-standbys'].map((name) => checkOf(node, name)?.state ?? 'Idle').join();
    const wait = (node: string, expected: string): Promise<unknown> =>
      waitFor(
        `${node} to be ${expected}`,
        () => states(node) === expected,
        10_000,
        () => states(node),
      );
    for (const node of HOSTS) await wait(node, 'Passing,Idle');
    cluster.apply('nodehealth-node-1', nodeManifest('node-1', { maintenance: true }));
    await wait('node-1', 'Idle,Passing');
    expect(states('node-2')).toBe('Passing,Idle');
    cluster.remove('nodehealth-node-1');
    await atHome();
    await wait('node-1', 'Passing,Idle');
    const told = readFileSync(join(lab.host('node-1').root, 'roles'), 'utf8')
      .trim()
      .split('\n');
    // Runs that were under way when the role changed may end in the other one.
    const runs = told.filter((line, index) => line !== told[index - 1]);
    expect(runs).toEqual(['of-holders holder', 'of-standbys standby', 'of-holders holder']);
    declare({ checks: [] });
    await sleep(500);
  }, 60_000);

  type CheckSpec = NonNullable<HealthSpec['checks']>[number];
  /** Spread over several pools. */
  const declareMany = (check: Omit<CheckSpec, 'name'>): readonly string[] =>
    Array.from({ length: MANY_CHECKS / CHECKS_OF_A_POOL }, (_, n) => {
      const pool = `many-${check.type}-${n}`;
      const checks = Array.from({ length: CHECKS_OF_A_POOL }, (_check, number) => ({ ...check, name: `c${number}` }));
      cluster.apply(pool, poolManifest(pool, [`198.51.100.${n + 1}`], { health: { checks } }));
      return pool;
    });
  /** Parts of a core that the checks of these pools take on node-1, once all have passed; then they are removed. */
  const loadOf = async (pools: readonly string[], measuredMs: number): Promise<number> => {
    const passing = (): boolean =>
      checksOf('node-1').filter(({ pool, state }) => pools.includes(pool) && state === 'Passing').length ===
      MANY_CHECKS;
    await waitFor('all of them to pass', passing, 60_000, () => JSON.stringify(checksOf('node-1').slice(0, 3)));
    const mark = observer.mark();
    const [before, startedAt] = [cpuSeconds(agentPid()), now()];
    await sleep(measuredMs);
    const load = (cpuSeconds(agentPid()) - before) / ((now() - startedAt) / 1_000);
    expect((await observer.since(mark)).moves).toBe(0);
    for (const name of pools) cluster.remove(name);
    return load;
  };

  it('A9 two hundred checks on a host all pass, and cost little', async () => {
    const host = lab.host('node-1').addresses.management;
    const pools = declareMany({ type: 'tcp', host, port: AGENT_PORT });
    expect(await loadOf(pools, 6_000)).toBeLessThan(lenient(PROMISED_LOAD));
  }, 90_000);

  it('A9 two hundred programs every 8 s on a host cost little as well, with all that they start', async () => {
    const pools = declareMany({ type: 'exec', command: [`${CHECK_DIR}/well-unless-told.sh`], interval: '8s' });
    expect(await loadOf(pools, 16_000)).toBeLessThan(lenient(PROMISED_LOAD));
  }, 120_000);

  it(
    'A9 A10 a check that flips every second moves a VIP three times at most',
    async () => {
      const script = `${CHECK_DIR}/well-unless-told.sh`;
      const times = { interval: '500ms', timeout: '500ms', fall: 1, rise: 1 };
      declare({ checks: [{ name: 'flips', type: 'exec', command: [script], ...times }] });
      await waitFor('the check to pass', () => checkOf('node-1', 'flips')?.state === 'Passing', 10_000);
      const mark = observer.mark();
      for (let second = 0; second < FLIP_SECONDS; second++) {
        setIll('node-1', second % 2 === 0);
        await sleep(1_000);
      }
      const seen = await observer.since(mark);
      expect(seen.movesOf('192.0.2.10')).toBeGreaterThanOrEqual(1);
      expect(seen.movesOf('192.0.2.10')).toBeLessThanOrEqual(MOST_MOVES);
      expect(seen.movesOf('192.0.2.11') + seen.movesOf('192.0.2.12')).toBe(0);
      expect(seen.twoHoldersMs).toBe(0);
      expect(cluster.nodeStatus('node-1')?.heldOff).toEqual([expect.objectContaining({ pool: POOL })]);
    },
    (FLIP_SECONDS + 30) * 1_000,
  );

  /** Of the worker, not of its supervisor. */
  const agentPid = (): number => {
    const { pid } = cluster.agent('node-1');
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0]);
  };
});

/** Time of all threads so far, and of the children that have ended. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const [user = Number.NaN, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15).map(Number);
  return (user + system + childUser + childSystem) / 100;
}
