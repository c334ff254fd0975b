import type { Condition, HoldOff } from '../../core/api/types.gen.ts';
import { age } from './age.ts';
import type { CheckRow, NodeRow, PoolRow, StatusReport, VipRow } from './report.ts';
import { printable, table, type Column } from './table.ts';

/** The report as text for people: pools, VIPs, nodes, problems. `now` is the wall clock. */
export function renderStatus(report: StatusReport, options: { readonly wide: boolean; readonly now: Date }): string {
  const { now, wide } = options;
  const sections = [
    section(poolColumns(now, wide), report.pools, 'No pools: declare one by a manifest of kind VipPool.'),
    section(vipColumns(now, wide), report.vips, 'No VIPs.'),
    section(
      nodeColumns(now, wide),
      report.nodes,
      'No nodes: start an agent on each host that shall hold VIPs; where agents run, see their logs.',
    ),
    problemSection(problemsOf(report)),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

const section = <Row>(columns: readonly Column<Row>[], rows: readonly Row[], none: string): string =>
  rows.length === 0 ? `${none}\n` : table(columns, rows);

const poolColumns = (now: Date, wide: boolean): readonly Column<PoolRow>[] => [
  { head: 'POOL', cell: ({ name }) => name },
  { head: 'READY', minWidth: 'Deleting'.length, cell: ({ ready, deleting }) => (deleting ? 'Deleting' : ready) },
  { head: 'ASSIGNED', cell: ({ assigned }) => number(assigned) },
  { head: 'TOTAL', cell: ({ total }) => number(total) },
  { head: 'NODES', cell: ({ nodes }) => number(nodes) },
  ...only<Column<PoolRow>>(wide, { head: 'MASTER', cell: ({ master = '' }) => master }),
  { head: 'AGE', minWidth: 6, cell: ({ createdAt }) => age(createdAt, now) },
  ...only<Column<PoolRow>>(wide, { head: 'CONTROLLERS', cell: ({ controllers = '' }) => controllers }),
];

const vipColumns = (now: Date, wide: boolean): readonly Column<VipRow>[] => [
  { head: 'ADDRESS', cell: ({ address }) => address },
  { head: 'POOL', cell: ({ pool }) => pool },
  { head: 'NODE', cell: ({ node = '' }) => node },
  { head: 'HOME', cell: ({ home = '' }) => home },
  { head: 'STATE', minWidth: 'Unassigned'.length, cell: ({ state }) => state },
  { head: 'SINCE', minWidth: 6, cell: ({ since }) => age(since, now) },
  ...only<Column<VipRow>>(
    wide,
    { head: 'INTERFACE', cell: (vip) => vip.interface ?? '' },
    { head: 'TERM', cell: ({ term }) => number(term) },
  ),
  { head: 'REASON', cell: ({ reason }) => reason },
];

const nodeColumns = (now: Date, wide: boolean): readonly Column<NodeRow>[] => [
  { head: 'NODE', cell: ({ name }) => name },
  { head: 'PHASE', minWidth: 'Unreachable'.length, cell: ({ phase }) => phase },
  { head: 'VIPS', cell: ({ vipCount }) => number(vipCount) },
  { head: 'CHECKS', cell: checksText },
  { head: 'HEARTBEAT', cell: ({ lastHeartbeatTime }) => suffixed(age(lastHeartbeatTime, now), ' ago') },
  ...only<Column<NodeRow>>(
    wide,
    { head: 'VERSION', cell: ({ agentVersion = '' }) => agentVersion },
    { head: 'EPOCH', cell: ({ leaseEpoch }) => number(leaseEpoch) },
    { head: 'LABELS', cell: ({ labels }) => labelsText(labels) },
  ),
  { head: 'INTERFACES', cell: ({ interfaces }) => interfaces.map(interfaceText).join(', ') },
];

/** What a reader has to act on, one line each: conditions, checks that fail, manifests that cannot be read. */
export function problemsOf(report: StatusReport): readonly string[] {
  const pools = report.pools
    .filter(({ deleting }) => !deleting)
    .flatMap(({ name, badConditions = [] }) => badConditions.map((item) => `pool ${name}: ${conditionText(item)}`));
  const nodes = report.nodes.flatMap(({ name, badConditions = [] }) =>
    badConditions.map((item) => `node ${name}: ${conditionText(item)}`),
  );
  const checks = report.nodes.flatMap(({ name, badConditions = [], checks: found = [] }) =>
    // The condition names them, with what they said.
    badConditions.some(({ type, status }) => type === 'ChecksPass' && status === 'False')
      ? []
      : found
          .filter(({ state }) => state === 'Failing' || state === 'Unknown')
          .map((check) => `node ${name}: check ${check.name} of pool ${check.pool} is ${check.state}${said(check)}`),
  );
  const heldOff = report.nodes.flatMap(({ name, heldOff: pools = [] }) =>
    pools.map((item) => `node ${name}: ${holdOffText(item)}`),
  );
  const unreadable = report.problems.map(({ where, message }) => `${where}: ${message}`);
  const missing = report.complete ? [] : ['a manifest was never readable: pools may be missing above'];
  return [...pools, ...nodes, ...checks, ...heldOff, ...unreadable, ...missing].map(printable);
}

function holdOffText({ pool, until, reason = 'HeldOff' }: HoldOff): string {
  switch (reason) {
    case 'Flapping':
      return `nothing of pool ${pool} moves to it that is well elsewhere until ${until}: its carrier, the service network or its lease flapped`;
    case 'NodeDegraded':
      return `is less preferred in pool ${pool} until ${until}: a check of severity Degrade flapped`;
    case 'HeldOff':
      return `gets nothing of pool ${pool} until ${until}: its checks flapped`;
  }
}

const problemSection = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : ['Problems:', ...lines.map((line) => `  ${line}`), ''].join('\n');

/** As the documents name it: "Ready=False NodeLost: no heartbeat arrives". */
const conditionText = ({ type, status, reason, message }: Condition): string =>
  `${type}=${status} ${reason}: ${message}`;

const said = ({ output = '' }: CheckRow): string => (output === '' ? '' : `: ${output}`);

/** "3/3": so many pass of so many. */
function checksText({ checks = [] }: NodeRow): string {
  return checks.length === 0 ? '' : `${checks.filter(({ state }) => state === 'Passing').length}/${checks.length}`;
}

const only = <T>(condition: boolean, ...items: readonly T[]): readonly T[] => (condition ? items : []);
const number = (value: number | undefined): string => value?.toString() ?? '';
const suffixed = (text: string, suffix: string): string => (text === '' ? '' : text + suffix);
const interfaceText = ({ name, carrier }: NodeRow['interfaces'][number]): string =>
  carrier ? name : `${name} (no carrier)`;
const labelsText = (labels: NodeRow['labels']): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
