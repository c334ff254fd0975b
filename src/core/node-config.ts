/** What a node is told to check: made from pools and from what is declared of the node, sent once per change and stream. */
import type { NodeConfig } from './check-state.ts';
import type { Check } from './checks.ts';
import type { Repair } from './health-spec.ts';
import type { PoolName } from './ids.ts';
import type { Neighbours } from './neighbours.ts';
import { checksOn, type NodeSettings } from './node-settings.ts';
import type { NodeEntry } from './node-table.ts';
import { matchesSelector, type Pool } from './pool.ts';
import { serviceInterfaces } from './pool-interfaces.ts';
import type { Term } from './term.ts';
import type { Monotonic } from './time.ts';

/** The newest configuration of one node in this reign. */
export interface SentConfig {
  readonly config: NodeConfig;
  /** Stream that it was sent on. */
  readonly session: number;
  /** "pool/check" -> since when this stream has been asked for the check. */
  readonly since: ReadonlyMap<string, Monotonic>;
  readonly madeOf: {
    readonly labels: NodeEntry['labels'];
    readonly settings: NodeSettings;
    readonly neighbours: readonly Neighbours[];
    readonly interfaces: NodeEntry['interfaces'];
  };
}

export const checkKey = ({ pool, name }: Pick<Check, 'pool' | 'name'>): string => `${pool}/${name}`;

/**
 * @param neighbours the same object for as long as they are the same
 * @param isSamePools whether the pools are those of which `before` was made
 * @returns `before` where the node knows everything already
 */
export function nextConfig(
  before: SentConfig | undefined,
  entry: NodeEntry & { readonly session: number },
  settings: NodeSettings,
  neighbours: readonly Neighbours[],
  pools: readonly Pool[],
  isSamePools: boolean,
  term: Term,
  now: Monotonic,
): SentConfig {
  const { labels, session, interfaces } = entry;
  const isSameStream = before?.session === session;
  const made = before?.madeOf;
  const isSame =
    made?.labels === labels &&
    made.settings === settings &&
    made.neighbours === neighbours &&
    made.interfaces === interfaces;
  if (isSamePools && isSame && isSameStream) return before;
  const own = pools.filter((pool) => matchesSelector(pool, labels));
  const repairs = new Map<PoolName, Repair>();
  for (const { name, health } of own) if (health.repair) repairs.set(name, health.repair);
  const wanted = {
    checks: own.flatMap(({ health }) => checksOn(settings, health.checks)),
    repairs,
    logLevel: settings.logLevel,
    neighbours,
    serviceInterfaces: serviceInterfaces(own, interfaces),
  };
  const madeOf = { labels, settings, neighbours, interfaces };
  const isUnchanged = before !== undefined && contentOf(before.config) === contentOf(wanted);
  if (isUnchanged && isSameStream) return { ...before, madeOf };
  const version = isUnchanged ? before.config.version : (before?.config.version ?? 0) + 1;
  const known = isSameStream ? before.since : undefined;
  const since = new Map(wanted.checks.map(checkKey).map((key) => [key, known?.get(key) ?? now]));
  return { config: { term, version, ...wanted }, session, since, madeOf };
}

const contentOf = ({
  checks,
  repairs,
  logLevel,
  neighbours,
  serviceInterfaces: carrying,
}: Omit<NodeConfig, 'term' | 'version'>): string =>
  JSON.stringify([checks, [...repairs], logLevel, neighbours, [...carrying]]);
