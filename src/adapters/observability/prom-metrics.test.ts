import { describe, expect, it } from '@jest/globals';
import { readSources } from '../../../hack/source/files.ts';
import { COUNTERS, GAUGES, HISTOGRAMS } from './metric-names.ts';
import { PromMetrics } from './prom-metrics.ts';

describe('PromMetrics', () => {
  it('exposes what was counted and set, by labels', async () => {
    const metrics = new PromMetrics();
    metrics.count('messages_refused_total', { reason: 'bad-value' });
    metrics.count('messages_refused_total', { reason: 'bad-value' });
    metrics.count('announcements_total', { family: 'ipv4' }, 5);
    metrics.gauge('election_term', 7);
    metrics.observe('heartbeat_round_trip_seconds', 0.004, { controller: 'c1' });
    const text = await metrics.registry.metrics();
    expect(text).toContain('vippool_messages_refused_total{reason="bad-value"} 2');
    expect(text).toContain('vippool_announcements_total{family="ipv4"} 5');
    expect(text).toContain('vippool_election_term 7');
    const buckets = [0.002, 0.005].map((end) => new RegExp(`trip_seconds_bucket{le="${end}",controller="c1"} (.*)`));
    expect(buckets.map((bucket) => bucket.exec(text)?.[1])).toEqual(['0', '1']);
  });

  it('fills gauges when they are read, and shows only the values that they were given last', async () => {
    const metrics = new PromMetrics();
    let nodes = ['a', 'b'];
    metrics.beforeRead(() => {
      const values = nodes.map((node, index) => ({ labels: { node }, value: index + 1 }));
      metrics.gauges('bindings', values);
    });
    expect(await metrics.text()).toContain('vippool_bindings{node="a"} 1\nvippool_bindings{node="b"} 2\n');
    nodes = ['b'];
    const text = await metrics.text();
    expect(text).toContain('vippool_bindings{node="b"} 1\n');
    expect(text).not.toContain('node="a"');
  });

  it('keeps a registry of its own', async () => {
    new PromMetrics().gauge('election_term', 7);
    expect(await new PromMetrics().registry.metrics()).not.toContain('vippool_election_term 7');
  });

  it('refuses a name or label that is not declared', () => {
    const metrics = new PromMetrics();
    expect(() => metrics.count('no_such_total')).toThrow('not declared');
    expect(() => metrics.gauge('messages_refused_total', 1)).toThrow('not declared');
    expect(() => metrics.count('messages_refused_total', { colour: 'red' })).toThrow('colour');
  });
});

describe('the declared metrics', () => {
  const used = (method: string): string[] =>
    readSources(['src'])
      .filter(({ path }) => !path.endsWith('.test.ts') && !path.startsWith('src/testing/'))
      .flatMap(({ text }) =>
        Array.from(
          text.matchAll(new RegExp(`[mM]etrics\\??\\.${method}\\(\\s*'([^']+)'`, 'g')),
          (match) => match[1] ?? '',
        ),
      )
      .sort();

  it.each([
    ['count', COUNTERS],
    ['gauges?', GAUGES],
    ['observe', HISTOGRAMS],
  ])('are those that the program uses: %s', (method, declared) => {
    expect([...new Set(used(method))]).toEqual(Object.keys(declared).sort());
  });

  it('have a help text, and counters the suffix of their kind', () => {
    for (const { help } of Object.values({ ...COUNTERS, ...GAUGES, ...HISTOGRAMS })) expect(help).toMatch(/\.$/);
    for (const name of Object.keys(COUNTERS)) expect(name).toMatch(/_total$/);
    for (const name of Object.keys({ ...GAUGES, ...HISTOGRAMS })) expect(name).not.toMatch(/_total$/);
  });
});
