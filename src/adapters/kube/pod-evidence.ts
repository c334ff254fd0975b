import type { Finding } from '../../ports/evidence.ts';
import type { EvidenceReader, Read, Wanted } from './evidence-reader.ts';
import { containerStatuses, field, list, podTroubles, restartsOf, text } from './workload-trouble.ts';

type Json = Readonly<Record<string, unknown>>;

/** The newest lines of each log, at most; what is longer than this in spite of that loses its end. */
const TAIL_LINES = 10_000;
const MAX_LOG_BYTES = 10 * 1024 * 1024;
const NOT_READY = 503;

/** What one pod tells: what is wrong with it, logs, whether it is ready, metrics. */
export async function podEvidence(reader: EvidenceReader, pod: Json, sinceMs: number): Promise<readonly Finding[]> {
  const [namespace, name] = [text(field(pod, 'metadata'), 'namespace'), text(field(pod, 'metadata'), 'name')];
  const place: Place = {
    name: `${namespace}/${name}`,
    folder: `pods/${namespace}/${name}`,
    wanted: { verb: 'get', namespace, path: `/api/v1/namespaces/${segment(namespace)}/pods/${segment(name)}` },
  };
  const findings: Finding[] = podTroubles(pod).map((why) => ({ kind: 'trouble', what: `pod ${place.name}`, why }));
  for (const container of containersOf(pod)) findings.push(...(await logs(reader, pod, place, container, sinceMs)));
  const port = metricsPortOf(pod);
  if (port !== undefined) findings.push(...(await health(reader, place, port)));
  return findings;
}

interface Place {
  readonly name: string;
  readonly folder: string;
  readonly wanted: Omit<Wanted, 'resource'>;
}

async function logs(
  reader: EvidenceReader,
  pod: Json,
  { name, folder, wanted }: Place,
  container: string,
  sinceMs: number,
): Promise<readonly Finding[]> {
  const resource = 'pods/log';
  const limits = { container, tailLines: String(TAIL_LINES), limitBytes: String(MAX_LOG_BYTES) };
  const read = (query: Readonly<Record<string, string>>): Promise<Read<string>> =>
    reader.text({ ...wanted, resource, path: `${wanted.path}/log`, query: { ...limits, ...query } });
  const current = await read({ sinceSeconds: String(Math.ceil(sinceMs / 1_000)) });
  const findings = [found(current, `log of ${container} in ${name}`, `${folder}/${container}.log`)];
  const status = containerStatuses(pod).find((item) => text(item, 'name') === container);
  if (status === undefined || restartsOf(status) === 0) return findings;
  const previous = await read({ previous: 'true' });
  return [
    ...findings,
    found(previous, `log before the restart of ${container} in ${name}`, `${folder}/${container}.previous.log`),
  ];
}

async function health(
  reader: EvidenceReader,
  { name, folder, wanted }: Place,
  port: number,
): Promise<readonly Finding[]> {
  const proxied = { ...wanted, resource: 'pods/proxy' };
  const base = `${wanted.path}:${port}/proxy`;
  const ready = await reader.text({ ...proxied, path: `${base}/readyz` }, [NOT_READY]);
  const metrics = await reader.text({ ...proxied, path: `${base}/metrics` });
  const isReady = ready.ok && ready.value.trim() === 'ok';
  return [
    found(ready, `/readyz of ${name}`, `${folder}/readyz.txt`),
    ...(ready.ok && !isReady
      ? [{ kind: 'trouble', what: `pod ${name}`, why: `/readyz: ${ready.value.trim()}` } as const]
      : []),
    found(metrics, `/metrics of ${name}`, `${folder}/metrics.txt`),
  ];
}

const found = (read: Read<string>, what: string, path: string): Finding =>
  read.ok ? { kind: 'text', path, text: read.value } : { kind: 'missing', what, why: read.why };

const containersOf = (pod: Json): readonly string[] =>
  ['initContainers', 'containers'].flatMap((key) => list(field(pod, 'spec'), key).map((item) => text(item, 'name')));

/** Where the chart lets a container answer for itself. */
function metricsPortOf(pod: Json): number | undefined {
  const ports = list(field(pod, 'spec'), 'containers').flatMap((container) => list(container, 'ports'));
  const port = ports.find((item) => text(item, 'name') === 'metrics')?.['containerPort'];
  return typeof port === 'number' ? port : undefined;
}

const segment = (name: string): string => encodeURIComponent(name);
