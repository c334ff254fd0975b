import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { COUNTERS, GAUGES, HISTOGRAMS } from '../../src/adapters/observability/metric-names.ts';
import { REPOSITORY } from '../source/files.ts';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}
interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');
const alerts = (parse(read('charts/vippool/files/alerts.yaml')) as { groups: { rules: Alert[] }[] }).groups.flatMap(
  ({ rules }) => rules,
);
const panels = (JSON.parse(read('charts/vippool/files/dashboard.json')) as { panels: Panel[] }).panels;
const expressions = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** Series name as Prometheus stores it, without our prefix -> its labels. */
const SERIES = new Map([
  ...Object.entries({ ...COUNTERS, ...GAUGES }).map(([name, { labels }]) => [name, labels] as const),
  ...Object.entries(HISTOGRAMS).flatMap(([name, { labels }]) => [
    [`${name}_bucket`, [...labels, 'le']] as const,
    [`${name}_sum`, labels] as const,
    [`${name}_count`, labels] as const,
  ]),
]);
/** What Prometheus itself adds. */
const ALWAYS = ['instance', 'job', 'namespace', 'pod'];

describe.each(expressions)('%s', (_, expr) => {
  const used = [...expr.matchAll(/vippool_(\w+)/g)].map((match) => match[1] ?? '');

  it('asks for series that are there', () => {
    expect(used.length).toBeGreaterThan(0);
    for (const name of used) expect([...SERIES.keys()]).toContain(name);
  });

  it('asks for labels that they have', () => {
    const known = used.flatMap((name) => SERIES.get(name) ?? []).concat(ALWAYS);
    const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap((match) => (match[1] ?? '').split(/,\s*/));
    const matched = [...expr.matchAll(/(\w+)(?:=|!=|=~|!~)"/g)].map((match) => match[1] ?? '');
    for (const label of [...grouped, ...matched]) expect(known).toContain(label);
  });
});

describe.each(alerts)('alert $alert', ({ alert, expr, labels, annotations }) => {
  it('leads to a runbook that there is', () => {
    expect(annotations.runbook_url).toBe(`RUNBOOKS#${alert.toLowerCase()}`);
    expect(read('docs/runbooks.md')).toContain(`\n## ${alert}\n`);
  });

  it('says what is wrong, with labels that the expression leaves', () => {
    expect(['critical', 'warning']).toContain(labels.severity);
    const texts = annotations.summary + annotations.description;
    const shown = [...texts.matchAll(/\$labels\.(\w+)/g)].map((match) => match[1] ?? '');
    const series = [...expr.matchAll(/vippool_(\w+)/g)].flatMap((match) => SERIES.get(match[1] ?? '') ?? []);
    const outer = /^[a-z_]+ by \(([^)]*)\)/.exec(expr)?.[1]?.split(/,\s*/);
    const bare = expr.startsWith('vippool_') ? series : [];
    for (const label of shown) expect(outer ?? bare).toContain(label);
  });
});

it('has no runbook without an alert', () => {
  const headings = [...read('docs/runbooks.md').matchAll(/^## (\w+)$/gm)].map((match) => match[1]);
  expect(headings).toEqual(alerts.map(({ alert }) => alert));
});
