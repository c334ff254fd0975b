import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describeWith, missingTool, toolPath } from '../../src/testing/requirements.ts';
import { CHART } from './helm.ts';

const RULES = join(CHART, 'files/alerts.yaml');

/** Samples, one a minute, in promtool's notation: "1x9" is ten times 1, "0+2x9" grows by 2. */
interface Case {
  readonly title: string;
  readonly series: Readonly<Record<string, string>>;
  /** Labels of each alert that fires after ten minutes, without its severity. */
  readonly fires: readonly Readonly<Record<string, string>>[];
}

const holders = (vip: string, instance: string): string =>
  `vippool_vip_holders{pool="nas",vip="${vip}",instance="${instance}"}`;

const alarm = (kind: string, name: string, condition: string, reason: string): string =>
  `vippool_alarm{kind="${kind}",name="${name}",condition="${condition}",reason="${reason}",instance="c1"}`;

const bucket = (le: string): string =>
  `vippool_failover_duration_seconds_bucket{cause="NodeLost",le="${le}",instance="c1"}`;

const CASES: readonly Case[] = [
  {
    title: 'nothing, where all is well',
    series: {
      [holders('192.0.2.1', 'c1')]: '1x10',
      'vippool_controller_is_master{instance="c1"}': '1x10',
      'vippool_controller_is_master{instance="c2"}': '0x10',
      'vippool_node_lease_remaining_seconds{node="a"}': '0.9x10',
      'vippool_pool_addresses{pool="nas",state="Bound"}': '1x10',
      'vippool_pool_addresses{pool="nas",state="Unassigned"}': '0x10',
      'vippool_check_status{check="nfs",node="a",pool="nas"}': '1x10',
      'vippool_api_requests_total{code="200",instance="c1"}': '0+60x10',
      'vippool_api_requests_total{code="404",instance="c1"}': '0+60x10',
      'vippool_conflicts_total{instance="a"}': '3x10',
      'vippool_late_wakeups_total{instance="a"}': '7x10',
      'vippool_certificate_expiry_seconds{instance="a",use="agent"}': '700000x10',
      'vippool_record_differences_total{instance="c1"}': '2x10',
      'vippool_messages_refused_total{instance="c1",reason="x"}': '2x10',
      'vippool_connections_refused_total{instance="c1",reason="tls"}': '2x10',
      'vippool_connections_refused_total{instance="c1",reason="replaced"}': '0+1x10',
      'vippool_election_transitions_total{instance="c1",reason="elected"}': '4x10',
      [bucket('1')]: '0+1x10',
      [bucket('+Inf')]: '0+1x10',
    },
    fires: [],
  },
  {
    title: 'a VIP that nobody holds, by the word of the present master',
    series: {
      'vippool_controller_is_master{instance="c1"}': '1x10',
      [holders('192.0.2.1', 'c1')]: '1x10',
      [holders('192.0.2.2', 'c1')]: '1 1 0x8',
    },
    fires: [{ alertname: 'VippoolVipUnserved', pool: 'nas', vip: '192.0.2.2' }],
  },
  {
    title: 'a VIP that two hold',
    series: { 'vippool_controller_is_master{instance="c1"}': '1x10', [holders('192.0.2.1', 'c1')]: '2x10' },
    fires: [{ alertname: 'VippoolVipHeldTwice', pool: 'nas', vip: '192.0.2.1' }],
  },
  {
    title: 'no master among those that are there',
    series: { 'vippool_controller_is_master{instance="c1"}': '0x10' },
    fires: [{ alertname: 'VippoolNoMaster' }],
  },
  { title: 'no controller at all', series: { up: '1x10' }, fires: [{ alertname: 'VippoolNoMaster' }] },
  {
    title: 'two masters',
    series: {
      'vippool_controller_is_master{instance="c1"}': '1x10',
      'vippool_controller_is_master{instance="c2"}': '1x10',
    },
    fires: [{ alertname: 'VippoolTwoMasters' }],
  },
  {
    title: 'masters that come and go',
    series: {
      'vippool_controller_is_master{instance="c1"}': '1x10',
      'vippool_election_transitions_total{instance="c1",reason="elected"}': '0+1x10',
    },
    fires: [{ alertname: 'VippoolMasterChangesOften' }],
  },
  {
    title: 'a certificate that nobody renews',
    series: {
      'vippool_controller_is_master{instance="c1"}': '1x10',
      'vippool_certificate_expiry_seconds{instance="a",use="agent"}': '500000x10',
    },
    fires: [{ alertname: 'VippoolCertificateExpires', instance: 'a', use: 'agent' }],
  },
  {
    title: 'a node without a lease',
    series: {
      'vippool_controller_is_master{instance="c1"}': '1x10',
      'vippool_node_lease_remaining_seconds{node="a"}': '0x10',
      'vippool_node_lease_remaining_seconds{node="b"}': '0.8x10',
    },
    fires: [{ alertname: 'VippoolNodeWithoutLease', node: 'a' }],
  },
  {
    title: 'VIPs of a pool that stay unbound',
    series: {
      'vippool_controller_is_master{instance="c1"}': '1x10',
      'vippool_pool_addresses{pool="nas",state="Binding"}': '2x10',
      'vippool_pool_addresses{pool="web",state="Unassigned"}': '0x8 1 1',
    },
    fires: [{ alertname: 'VippoolPoolNotBound', pool: 'nas' }],
  },
  {
    title: 'a foreign host with our address, late processes, refused messages, differences and failing checks',
    series: {
      'vippool_controller_is_master{instance="c1"}': '1x10',
      'vippool_conflicts_total{instance="a"}': '0x8 1 1',
      'vippool_late_wakeups_total{instance="a"}': '0+2x10',
      'vippool_messages_refused_total{instance="c1",reason="bad-value"}': '0x5 1x5',
      'vippool_connections_refused_total{instance="c1",reason="tls"}': '0x5 1x5',
      'vippool_record_differences_total{instance="c1"}': '0x5 3x5',
      'vippool_check_status{check="nfs",node="a",pool="nas"}': '0x10',
    },
    fires: [
      { alertname: 'VippoolAddressConflict', instance: 'a' },
      { alertname: 'VippoolLateProcess', instance: 'a' },
      { alertname: 'VippoolRecordDifferences' },
      { alertname: 'VippoolMessagesRefused', instance: 'c1', reason: 'bad-value' },
      { alertname: 'VippoolConnectionsRefused', instance: 'c1', reason: 'tls' },
      { alertname: 'VippoolCheckFailing', check: 'nfs', node: 'a', pool: 'nas' },
    ],
  },
  {
    title: 'a network that is faulty, and no other condition, by the word of the present master',
    series: {
      'vippool_controller_is_master{instance="c1"}': '1x10',
      [alarm('node', 'a', 'ManagementNetworkFaulty', 'HolderAnswers')]: '1x10',
      [alarm('pool', 'nas', 'MembersUnreachable', 'MembersSilent')]: '1x10',
      [alarm('pool', 'nas', 'ServiceNetworkFaulty', 'ServiceUnreachable')]: '1x7 stale _ _',
      [alarm('pool', 'nas', 'Degraded', 'SomeUnhealthy')]: '1x10',
    },
    fires: [
      { alertname: 'VippoolNetworkFaulty', kind: 'node', name: 'a', condition: 'ManagementNetworkFaulty' },
      { alertname: 'VippoolNetworkFaulty', kind: 'pool', name: 'nas', condition: 'MembersUnreachable' },
    ],
  },
  {
    title: 'takeovers that take long',
    series: {
      'vippool_controller_is_master{instance="c1"}': '1x10',
      [bucket('1')]: '0x10',
      [bucket('5')]: '0+1x10',
      [bucket('+Inf')]: '0+1x10',
    },
    fires: [{ alertname: 'VippoolSlowFailover' }],
  },
  {
    title: 'an API server that refuses',
    series: {
      'vippool_controller_is_master{instance="c1"}': '1x20',
      'vippool_api_requests_total{code="403",instance="c1"}': '0+60x20',
    },
    fires: [{ alertname: 'VippoolApiServerRefuses', code: '403' }],
  },
];

const text = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ');

describeWith(missingTool('promtool'), 'the alerts', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'vippool-alerts-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const rules = (
    parse(readFileSync(RULES, 'utf8')) as { groups: { rules: { alert: string; labels: { severity: string } }[] }[] }
  ).groups.flatMap((group) => group.rules);
  const severityOf = (name: string | undefined): string =>
    rules.find(({ alert }) => alert === name)?.labels.severity ?? '';

  it.each(CASES)('tell of $title', ({ series, fires }) => {
    const minutes = Object.values(series).some((samples) => samples.endsWith('x20')) ? 20 : 10;
    const file = join(folder, 'test.json');
    const exp_samples = fires.map((labels) => ({
      labels: `ALERTS{${text({ ...labels, alertstate: 'firing', severity: severityOf(labels['alertname']) })}}`,
      value: 1,
    }));
    const test = {
      interval: '1m',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: [{ expr: 'ALERTS{alertstate="firing"}', eval_time: `${minutes}m`, exp_samples }],
    };
    writeFileSync(file, JSON.stringify({ rule_files: [RULES], evaluation_interval: '15s', tests: [test] }));
    const { status, stdout, stderr } = spawnSync(toolPath('promtool'), ['test', 'rules', file], { encoding: 'utf8' });
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });

  it('are each fired by one of these cases', () => {
    const fired = new Set(CASES.flatMap(({ fires }) => fires.map(({ alertname }) => alertname)));
    expect([...fired].sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });
});
