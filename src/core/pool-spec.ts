import { readHealth } from './health-spec.ts';
import type { PoolName } from './ids.ts';
import { Field } from './manifest-field.ts';
import { isSubdomain, readLabels } from './manifest-names.ts';
import type { AnnouncePolicy } from './messages.ts';
import { readAddresses } from './pool-addresses.ts';
import { readPlacement } from './placement/spec.ts';
import { CONTROLLER_MESSAGES, SCHEMA_MESSAGES } from './pool-messages.ts';
import type { Failback, InterfaceSelector, Parsed, Pool, Problem } from './pool.ts';
import { HOUR_MS } from './time.ts';

const INTERFACE_NAME = /^(?!\.{1,2}$)[^/ \t\n\r\f\v:]{1,15}$/;

export interface UncheckedPool {
  readonly name: PoolName;
  readonly generation: number;
  /** RFC 3339 */
  readonly createdAt: string;
  readonly spec: unknown;
}

/**
 * Checks a manifest in full and fills in the defaults of the schema. As strict as the API server, because a directory
 * of manifests has none; what the API server refuses first is refused here in the same words.
 */
export function parsePool(manifest: UncheckedPool): Parsed<Pool> {
  const problems: Problem[] = [];
  if (!isSubdomain(manifest.name)) problems.push({ path: 'metadata.name', message: CONTROLLER_MESSAGES.poolName });
  const names = ['addresses', 'exclude', 'interface', 'prefixLength', 'nodeSelector', 'placement', 'failback'] as const;
  const spec = new Field('spec', manifest.spec, problems).members(
    [...names, 'health', 'onQuorumLoss', 'announce'],
    '{ addresses: ["192.0.2.10"] }',
  );
  const vips = readAddresses(spec.addresses, spec.exclude);
  const pool: Pool = {
    name: manifest.name,
    generation: manifest.generation,
    createdAt: manifest.createdAt,
    vips: vips ?? [],
    interface: readInterface(spec.interface),
    prefixLength: readPrefixLength(spec.prefixLength),
    nodeSelector: readNodeSelector(spec.nodeSelector),
    ...readPlacement(spec.placement, vips && new Set(vips)),
    failback: readFailback(spec.failback),
    health: readHealth(spec.health, manifest.name),
    onQuorumLoss: spec.onQuorumLoss.choice(['Hold', 'Release']) ?? 'Hold',
    announce: readAnnounce(spec.announce),
  };
  const message = whyNotFollowed(pool);
  if (message !== undefined) problems.push({ path: 'spec.placement.follow.check', message });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: pool };
}

function whyNotFollowed({ placement: { follow }, health: { checks } }: Pool): string | undefined {
  if (follow.kind !== 'Check' || follow.check === '') return undefined;
  const found = checks.find(({ name }) => name === follow.check);
  if (!found) return SCHEMA_MESSAGES.followUnknown;
  return found.role === 'Any' ? undefined : SCHEMA_MESSAGES.followRole;
}

function readInterface(field: Field): InterfaceSelector {
  const { names, matchSubnet } = field.members(
    ['names', 'matchSubnet'],
    '{ names: ["eth1"] } or { matchSubnet: true }',
  );
  const items = names.texts(16, '["eth1"]') ?? [];
  if (typeof field.value === 'object' && names.isAbsent === matchSubnet.isAbsent) {
    field.report(SCHEMA_MESSAGES.interfaceChoice);
  }
  if (!matchSubnet.isAbsent && matchSubnet.value !== true) matchSubnet.report('write true, or choose by names instead');
  if (Array.isArray(names.value) && names.value.length === 0)
    names.report('no names: write at least one, for example ["eth1"]');
  names.refuseRepeated(items);
  for (const item of items) {
    if (!INTERFACE_NAME.test(String(item.value))) item.report(SCHEMA_MESSAGES.interfaceName);
  }
  return items.length > 0 ? { kind: 'names', names: items.map((item) => String(item.value)) } : { kind: 'matchSubnet' };
}

function readPrefixLength(field: Field): Pool['prefixLength'] {
  const { ipv4, ipv6 } = field.members(['ipv4', 'ipv6'], '{ ipv4: 32, ipv6: 128 }');
  return { 4: ipv4.integer(1, 32) ?? 32, 6: ipv6.integer(1, 128) ?? 128 };
}

function readNodeSelector(field: Field): Pool['nodeSelector'] {
  return readLabels(field.members(['matchLabels'], '{ matchLabels: { role: nas } }').matchLabels);
}

function readFailback(field: Field): Failback {
  const { policy, delay } = field.members(['policy', 'delay'], '{ policy: Automatic, delay: 30s }');
  return {
    policy: policy.choice(['Automatic', 'Manual', 'Never']) ?? 'Automatic',
    delayMs: delay.duration((ms) => ms <= 24 * HOUR_MS, SCHEMA_MESSAGES.delayRange) ?? 30_000,
  };
}

function readAnnounce(field: Field): AnnouncePolicy {
  const { count, interval, refresh } = field.members(
    ['count', 'interval', 'refresh'],
    '{ count: 5, interval: 1100ms, refresh: 0s }',
  );
  const isInterval = (ms: number): boolean => ms >= 10 && ms <= 60_000;
  const isRefresh = (ms: number): boolean => ms === 0 || (ms >= 1_000 && ms <= 24 * HOUR_MS);
  return {
    count: count.integer(1, 20) ?? 5,
    intervalMs: interval.duration(isInterval, SCHEMA_MESSAGES.intervalRange) ?? 1_100,
    refreshMs: refresh.duration(isRefresh, SCHEMA_MESSAGES.refreshRange) ?? 0,
  };
}
