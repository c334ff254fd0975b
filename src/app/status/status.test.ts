import { describe, expect, test } from '@jest/globals';
import { nodeName, poolName, vipAddress } from '../../core/ids.ts';
import type { SourceSnapshot } from '../../ports/source.ts';
import { age } from './age.ts';
import { renderStatus } from './render.ts';
import { reportOf } from './report.ts';
import { table } from './table.ts';
import { holderOf, renderHolder } from './who.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const ago = (seconds: number): string => new Date(NOW.getTime() - seconds * 1_000).toISOString();

const EMPTY: SourceSnapshot = { pools: [], nodes: [], problems: [], complete: true };

const SNAPSHOT: SourceSnapshot = {
  pools: [
    {
      name: poolName('web'),
      uid: 'u2',
      generation: 1,
      createdAt: ago(5),
      deleting: false,
      spec: {},
      status: undefined,
    },
    {
      name: poolName('nas'),
      uid: 'u1',
      generation: 2,
      createdAt: ago(3 * 86_400),
      deleting: false,
      spec: {},
      status: {
        conditions: [
          {
            type: 'ControllersVote',
            status: 'True',
            reason: 'Majority',
            message: '3 controllers; electorate 5',
            lastTransitionTime: ago(60),
          },
          {
            type: 'Ready',
            status: 'False',
            reason: 'InvalidSpec',
            message: 'spec.addresses[1] is no address',
            lastTransitionTime: ago(60),
          },
        ],
        total: 4,
        assigned: 2,
        nodes: 2,
        master: 'controller-0',
        bindings: [
          { address: '2001:db8::10', state: 'Unassigned', since: ago(2), reason: 'NoEligibleNode' },
          {
            address: '192.0.2.100',
            node: 'node-b',
            home: 'node-a',
            state: 'Binding',
            since: ago(1),
            term: 3,
            reason: 'Takeover',
          },
          {
            address: '192.0.2.11',
            node: 'node-a',
            home: 'node-a',
            interface: 'eth1',
            state: 'Bound',
            since: ago(3_900),
            term: 3,
            reason: 'Home',
          },
          { address: '192.0.2.9', node: 'node-b', state: 'Releasing', since: ago(90), term: 3, reason: 'Failback' },
        ],
      },
    },
  ],
  nodes: [
    { name: nodeName('node-b'), status: undefined },
    {
      name: nodeName('node-a'),
      status: {
        phase: 'Degraded',
        agentVersion: '0.1.0',
        leaseEpoch: 4,
        labels: { role: 'nas', zone: 'z1' },
        lastHeartbeatTime: ago(4),
        interfaces: [
          { name: 'eth1', carrier: true },
          { name: 'eth2', carrier: false },
        ],
        vips: ['192.0.2.11'],
      },
    },
  ],
  problems: [{ where: 'bad.yaml:7', message: 'not valid YAML:\n\u001B[31mred' }],
  complete: false,
};

const render = (snapshot: SourceSnapshot, wide = false): string => renderStatus(reportOf(snapshot), { wide, now: NOW });

describe('vippool status', () => {
  test('shows pools, VIPs in numeric order, nodes and problems', () => {
    expect(render(SNAPSHOT)).toBe(
      `POOL   READY      ASSIGNED   TOTAL   NODES   AGE
nas    False      2          4       2       3d
web    Unknown    -          -       -       5s

ADDRESS        POOL   NODE     HOME     STATE        SINCE    REASON
192.0.2.9      nas    node-b   -        Releasing    1m30s    Failback
192.0.2.11     nas    node-a   node-a   Bound        1h5m     Home
192.0.2.100    nas    node-b   node-a   Binding      1s       Takeover
2001:db8::10   nas    -        -        Unassigned   2s       NoEligibleNode

NODE     PHASE         VIPS   CHECKS   HEARTBEAT   INTERFACES
node-a   Degraded      1      -        4s ago      eth1, eth2 (no carrier)
node-b   Unknown       0      -        -           -

Problems:
  pool nas: Ready=False InvalidSpec: spec.addresses[1] is no address
  bad.yaml:7: not valid YAML: [31mred
  a manifest was never readable: pools may be missing above
`,
    );
  });

  test('wide adds columns', () => {
    const text = render({ ...SNAPSHOT, problems: [], complete: true }, true);
    expect(text.split('\n').filter((line) => /^(POOL|nas |ADDRESS|192\.0\.2\.11 |NODE|node-a)/.test(line))).toEqual([
      'POOL   READY      ASSIGNED   TOTAL   NODES   MASTER         AGE      CONTROLLERS',
      'nas    False      2          4       2       controller-0   3d       3 controllers; electorate 5',
      'ADDRESS        POOL   NODE     HOME     STATE        SINCE    INTERFACE   TERM   REASON',
      '192.0.2.11     nas    node-a   node-a   Bound        1h5m     eth1        3      Home',
      'NODE     PHASE         VIPS   CHECKS   HEARTBEAT   VERSION   EPOCH   LABELS             INTERFACES',
      'node-a   Degraded      1      -        4s ago      0.1.0     4       role=nas,zone=z1   eth1, eth2 (no carrier)',
    ]);
  });

  test('says so where there is nothing, and what to do', () => {
    expect(render(EMPTY)).toBe(
      'No pools: declare one by a manifest of kind VipPool.\n\nNo VIPs.\n\n' +
        'No nodes: start an agent on each host that shall hold VIPs; where agents run, see their logs.\n',
    );
  });

  test('a pool that is being deleted is no problem', () => {
    const text = render({ ...EMPTY, pools: SNAPSHOT.pools.map((pool) => ({ ...pool, deleting: true })) });
    expect(text).toContain('nas    Deleting   2');
    expect(text).not.toContain('Problems');
  });
});

describe('checks', () => {
  const [pool] = SNAPSHOT.pools.slice(1);
  const [, node] = SNAPSHOT.nodes;
  const degraded = {
    type: 'Degraded',
    status: 'True',
    reason: 'SomeUnhealthy',
    message: 'node-a: check nfs fails',
  } as const;
  const binding = {
    address: '192.0.2.11',
    node: 'node-b',
    state: 'Bound',
    since: ago(3),
    reason: 'CheckFailed',
  } as const;
  const message = 'node-a: check nfs fails: timed out';
  const snapshot: SourceSnapshot = {
    ...EMPTY,
    pools: pool
      ? [
          {
            ...pool,
            status: {
              conditions: [{ ...degraded, lastTransitionTime: ago(3) }],
              bindings: [{ ...binding, message }],
            },
          },
        ]
      : [],
    nodes: node?.status
      ? [
          {
            ...node,
            status: {
              ...node.status,
              checks: [
                { pool: 'nas', name: 'nfs', state: 'Failing', output: 'timed out' },
                { pool: 'nas', name: 'smb', state: 'Passing' },
              ],
              heldOff: [
                { pool: 'nas', until: '2026-03-01T12:01:00Z', reason: 'Flapping' },
                { pool: 'web', until: '2026-03-01T12:00:30Z', reason: 'HeldOff' },
                { pool: 'web', until: '2026-03-01T12:00:40Z', reason: 'NodeDegraded', penalty: 50 },
              ],
            },
          },
        ]
      : [],
  };

  test('are counted, and those that fail are problems with what they said', () => {
    const text = render(snapshot);
    expect(text).toContain('node-a   Degraded      1      1/2      4s ago');
    expect(text.slice(text.indexOf('Problems:'))).toBe(`Problems:
  pool nas: Degraded=True SomeUnhealthy: node-a: check nfs fails
  node node-a: check nfs of pool nas is Failing: timed out
  node node-a: nothing of pool nas moves to it that is well elsewhere until 2026-03-01T12:01:00Z: its carrier, the service network or its lease flapped
  node node-a: gets nothing of pool web until 2026-03-01T12:00:30Z: its checks flapped
  node node-a: is less preferred in pool web until 2026-03-01T12:00:40Z: a check of severity Degrade flapped
`);
  });

  test('are named by who', () => {
    const holder = holderOf(reportOf(snapshot), vipAddress('192.0.2.11'));
    expect(renderHolder(holder, NOW)).toBe(
      '192.0.2.11 is held by node-b (pool nas, for 3s, CheckFailed: node-a: check nfs fails: timed out)\n' +
        '  why: a check of the pool failed on the node that held it\n',
    );
  });
});

test('the report keeps its field names', () => {
  const report = reportOf(SNAPSHOT);
  expect(JSON.parse(JSON.stringify({ ...report, vips: report.vips.slice(1, 2) }))).toEqual({
    pools: [
      {
        name: 'nas',
        ready: 'False',
        reason: 'InvalidSpec',
        message: 'spec.addresses[1] is no address',
        badConditions: SNAPSHOT.pools[1]?.status?.conditions?.slice(1),
        assigned: 2,
        total: 4,
        nodes: 2,
        master: 'controller-0',
        controllers: '3 controllers; electorate 5',
        deleting: false,
        createdAt: ago(3 * 86_400),
      },
      { name: 'web', ready: 'Unknown', deleting: false, createdAt: ago(5) },
    ],
    vips: [
      {
        pool: 'nas',
        address: '192.0.2.11',
        node: 'node-a',
        home: 'node-a',
        interface: 'eth1',
        state: 'Bound',
        since: ago(3_900),
        term: 3,
        reason: 'Home',
      },
    ],
    nodes: [
      {
        name: 'node-a',
        phase: 'Degraded',
        vipCount: 1,
        lastHeartbeatTime: ago(4),
        interfaces: [
          { name: 'eth1', carrier: true },
          { name: 'eth2', carrier: false },
        ],
        agentVersion: '0.1.0',
        leaseEpoch: 4,
        labels: { role: 'nas', zone: 'z1' },
      },
      { name: 'node-b', phase: 'Unknown', vipCount: 0, interfaces: [], labels: {} },
    ],
    problems: SNAPSHOT.problems,
    complete: false,
  });
});

describe('vippool who', () => {
  test.each([
    ['192.0.2.11', true, '192.0.2.11 is held by node-a on eth1 (pool nas, for 1h5m, Home)\n'],
    [
      '192.0.2.9',
      true,
      '192.0.2.9 is held by node-b, which is letting it go (pool nas, for 1m30s, Failback)\n  why: it returned to its home\n',
    ],
    ['192.0.2.100', false, '192.0.2.100 is held by nobody: node-b is about to take it (pool nas, for 1s, Takeover)\n'],
    [
      '2001:db8::10',
      false,
      '2001:db8::10 is held by nobody (pool nas, for 2s, NoEligibleNode)\n  why: no node of the pool can hold it now\n',
    ],
    ['192.0.2.1', false, '192.0.2.1 is held by nobody (in the status of no pool)\n'],
  ])('%s', (address, held, text) => {
    const holder = holderOf(reportOf(SNAPSHOT), vipAddress(address));
    expect(holder.held).toBe(held);
    expect(renderHolder(holder, NOW)).toBe(text);
  });
});

test('vippool who names the checks that fail where the VIP is, or everywhere', () => {
  const check = { pool: 'nas', name: 'nfs', state: 'Failing', output: 'no answer\u001B[31m', since: ago(5) } as const;
  const other = { pool: 'web', name: 'http', state: 'Failing' } as const;
  const late = { pool: 'nas', name: 'disk', state: 'Unknown' } as const;
  const nodes = SNAPSHOT.nodes.map(({ name, status }) => ({
    name,
    status: { ...status, phase: 'Unhealthy' as const, checks: [check, other, ...(status ? [] : [late])] },
  }));
  const report = reportOf({ ...SNAPSHOT, nodes });
  expect(renderHolder(holderOf(report, vipAddress('192.0.2.11')), NOW)).toBe(
    '192.0.2.11 is held by node-a on eth1 (pool nas, for 1h5m, Home)\n  check nfs on node-a fails: no answer [31m\n',
  );
  expect(renderHolder(holderOf(report, vipAddress('2001:db8::10')), NOW)).toBe(
    `2001:db8::10 is held by nobody (pool nas, for 2s, NoEligibleNode)
  why: no node of the pool can hold it now
  check nfs on node-a fails: no answer [31m
  check nfs on node-b fails: no answer [31m
  check disk on node-b has no new result
`,
  );
});

describe('age', () => {
  test.each([
    [0, '0s'],
    [59.9, '59s'],
    [60, '1m'],
    [312, '5m12s'],
    [47 * 60 + 5, '47m'],
    [3 * 3_600 + 300, '3h5m'],
    [26 * 3_600, '1d2h'],
    [12 * 86_400 + 3_600, '12d'],
    [-5, '0s'],
  ])('%d seconds: %s', (seconds, text) => {
    expect(age(ago(seconds), NOW)).toBe(text);
  });

  test('unknown', () => {
    expect([age(undefined, NOW), age('soon', NOW)]).toEqual(['', '']);
  });
});

test('a column is as wide as its minimum or its widest cell', () => {
  const columns = [
    { head: 'A', minWidth: 4, cell: (text: string) => text },
    { head: 'B', cell: (text: string) => `${text}!` },
  ];
  expect(table(columns, ['x', 'longer'])).toBe('A        B\nx        x!\nlonger   longer!\n');
  expect(table(columns, ['x'])).toBe('A      B\nx      x!\n');
});
