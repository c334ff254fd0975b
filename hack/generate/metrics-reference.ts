import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { BUCKETS_SECONDS, COUNTERS, GAUGES, HISTOGRAMS } from '../../src/adapters/observability/metric-names.ts';
import { REPOSITORY } from '../source/files.ts';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly description: string };
}
type Declared = (typeof COUNTERS)[string];

const INTRODUCTION = `# Metrics and alerts

<!-- Generated from src/adapters/observability/metric-names.ts and charts/vippool/files/alerts.yaml by "make generate". -->

Every controller and every agent serves its own at \`/metrics\` ([monitoring](../install.md#monitoring)). Of pools and their
VIPs (\`vippool_vip_holders\`, \`vippool_pool_addresses\`, \`vippool_bindings\`, \`vippool_check_status\`, \`vippool_alarm\`) the master alone tells.
`;

/** Every series that a process may serve, and every alert of the chart. */
export function metricsReference(): string {
  const text = readFileSync(join(REPOSITORY, 'charts/vippool/files/alerts.yaml'), 'utf8');
  const alerts = (parse(text) as { readonly groups: readonly { readonly rules: readonly Alert[] }[] }).groups.flatMap(
    ({ rules }) => rules,
  );
  return [
    INTRODUCTION,
    section('Gauges', 'What is so at this moment.', GAUGES),
    section('Counters', 'How often something has happened since the process began.', COUNTERS),
    section(
      'Histograms',
      `With the suffixes \`_bucket\`, \`_sum\` and \`_count\`. Buckets end at ${buckets()} s.`,
      HISTOGRAMS,
    ),
    '\n## Alerts\n\nOf `monitoring.prometheusRule`; each links to its [runbook](../runbooks.md).\n\n',
    '| alert | severity | for | when |\n|---|---|---|---|\n',
    ...alerts.map(alertRow),
  ].join('');
}

const buckets = (): string => BUCKETS_SECONDS.join(', ');

function section(title: string, about: string, metrics: Readonly<Record<string, Declared>>): string {
  const rows = Object.entries(metrics).map(([name, { help, labels }]) => {
    const shown = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`vippool_${name}\` | ${shown} | ${cell(help)} |\n`;
  });
  return `\n## ${title}\n\n${about}\n\n| metric | labels | means |\n|---|---|---|\n${rows.join('')}`;
}

function alertRow({ alert, expr, for: pending, labels, annotations }: Alert): string {
  const name = `[${alert}](../runbooks.md#${alert.toLowerCase()})`;
  return `| ${name} | ${labels.severity} | ${pending ?? ''} | \`${cell(expr)}\`. ${cell(annotations.description)} |\n`;
}

/** A bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|');
