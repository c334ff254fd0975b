import { parsePoolAddress } from '../address-range.ts';
import { checkName } from '../checks.ts';
import { nodeName, vipAddress, type NodeName, type VipAddress } from '../ids.ts';
import { formatIp } from '../ip.ts';
import type { Field } from '../manifest-field.ts';
import { isDnsLabel, isLabelKey, isSubdomain, readLabels } from '../manifest-names.ts';
import { CONTROLLER_MESSAGES, MAX_POOL_ADDRESSES, SCHEMA_MESSAGES } from '../pool-messages.ts';
import type { Pool } from '../pool.ts';
import { refuseBesideMaster, refuseContradictions, refuseIdleWeights } from './contradictions.ts';
import { MAX_GROUP_MEMBERS, MAX_GROUPS, MAX_NODE_TERMS, PLACEMENT_MESSAGES } from './messages.ts';
import type { CapacityMarks, Follow, NodeTerm, VipGroup } from './rules.ts';

/**
 * Reads `spec.placement`. `vips` is undefined where the addresses are wrong themselves; then nobody can say which homes
 * and members are outside.
 */
export function readPlacement(
  field: Field,
  vips: ReadonlySet<VipAddress> | undefined,
): Pick<Pool, 'homes' | 'placement'> {
  const names = [
    'weights',
    'maxPerNode',
    'zoneKey',
    'groups',
    'homes',
    'preferredNodes',
    'follow',
    'capacity',
  ] as const;
  const members = field.members(names, `{ homes: ${HOMES} }`);
  const homes = readHomes(members.homes, vips);
  const zoneKey = members.zoneKey.text();
  if (zoneKey !== undefined && !isLabelKey(zoneKey)) members.zoneKey.report(SCHEMA_MESSAGES.labelKey);
  const placement = {
    weights: readTerms(members.weights, 0),
    maxPerNode: members.maxPerNode.integer(1, MAX_POOL_ADDRESSES),
    zoneKey,
    groups: readGroups(members.groups, vips),
    preferredNodes: readTerms(members.preferredNodes, 1),
    follow: readFollow(members.follow),
    capacity: readCapacity(members.capacity),
  };
  refuseIdleWeights(placement.weights, homes, members);
  refuseContradictions(placement, homes, members);
  refuseBesideMaster(placement, homes, vips, members);
  return { homes, placement };
}

const HOMES = '{ "192.0.2.10": node-a }';

function readHomes(field: Field, vips: ReadonlySet<VipAddress> | undefined): Pool['homes'] {
  const read = new Map<VipAddress, NodeName>();
  for (const [key, value] of field.entries(MAX_POOL_ADDRESSES, HOMES)) {
    const node = readNodeName(value);
    const vip = canonical(key);
    if (!vip) {
      value.report(SCHEMA_MESSAGES.homeKey);
      continue;
    }
    if (read.has(vip)) value.report(CONTROLLER_MESSAGES.homeTwice(vip));
    if (vips && !vips.has(vip)) value.report(CONTROLLER_MESSAGES.homeOutside(vip));
    read.set(vip, node);
  }
  return read;
}

function readNodeName(field: Field): NodeName {
  const text = field.requiredText();
  if (text !== undefined && !isSubdomain(text)) field.report(SCHEMA_MESSAGES.nodeName);
  return nodeName(text ?? '');
}

function canonical(text: string): VipAddress | undefined {
  const ip = parsePoolAddress(text);
  return ip && vipAddress(formatIp(ip));
}

function readTerms(field: Field, least: 0 | 1): NodeTerm[] {
  const items = field.items(MAX_NODE_TERMS, '[{ node: node-a, weight: 50 }]') ?? [];
  return items.map((item): NodeTerm => {
    const example = '{ node: node-a, weight: 50 } or { matchLabels: { disk: ssd }, weight: 50 }';
    if (item.isAbsent) item.report(`must be an object, not empty: write ${example}`);
    const { node, matchLabels, weight } = item.members(['node', 'matchLabels', 'weight'], example);
    const isObject = typeof item.value === 'object' && !Array.isArray(item.value);
    if (isObject && node.isAbsent === matchLabels.isAbsent) item.report(SCHEMA_MESSAGES.nodeChoice);
    if (isObject && weight.isAbsent) item.report(PLACEMENT_MESSAGES.weightMissing);
    return {
      nodes: node.isAbsent
        ? { kind: 'labels', labels: readLabels(matchLabels) }
        : { kind: 'node', node: readNodeName(node) },
      weight: weight.integer(least, 100) ?? 100,
    };
  });
}

function readGroups(field: Field, vips: ReadonlySet<VipAddress> | undefined): VipGroup[] {
  const example = '{ name: pair, members: ["192.0.2.10", "192.0.2.11"], policy: Together }';
  const items = field.items(MAX_GROUPS, `[${example}]`) ?? [];
  return items.map((item, index): VipGroup => {
    if (item.isAbsent) item.report(`must be an object, not empty: write ${example}`);
    const { name, members, policy } = item.members(['name', 'members', 'policy'], example);
    const text = name.requiredText() ?? '';
    if (typeof name.value === 'string' && !isDnsLabel(text)) name.report(SCHEMA_MESSAGES.groupName);
    const names = items.slice(0, index).map(({ value }) => (value as { name?: unknown } | undefined)?.name);
    if (text !== '' && names.includes(text)) name.report(PLACEMENT_MESSAGES.groupTwice(text));
    if (policy.isAbsent) policy.report('must be there: write Together or Apart');
    return { name: text, members: readMembers(members, vips), policy: policy.choice(['Together', 'Apart']) ?? 'Apart' };
  });
}

function readMembers(field: Field, vips: ReadonlySet<VipAddress> | undefined): VipAddress[] {
  const read: VipAddress[] = [];
  const items = field.texts(MAX_GROUP_MEMBERS, '["192.0.2.10", "192.0.2.11"]');
  for (const item of items ?? []) {
    const vip = canonical(String(item.value));
    if (!vip) item.report(SCHEMA_MESSAGES.groupMember);
    else if (vips && !vips.has(vip)) item.report(PLACEMENT_MESSAGES.memberOutside(vip));
    else if (read.includes(vip)) item.report(PLACEMENT_MESSAGES.memberTwice(vip));
    else read.push(vip);
  }
  if ((items && items.length < 2) || field.isAbsent) field.report(PLACEMENT_MESSAGES.groupTooSmall);
  return read;
}

function readFollow(field: Field): Follow {
  const { kind, check } = field.members(['kind', 'check'], '{ kind: Master } or { kind: Check, check: primary }');
  const choice = kind.choice(['Any', 'Master', 'Check']) ?? 'Any';
  const name = check.text();
  if (name !== undefined && !isDnsLabel(name)) check.report(SCHEMA_MESSAGES.checkName);
  if ((choice === 'Check') === check.isAbsent && (kind.isAbsent || kind.value === choice)) {
    field.report(SCHEMA_MESSAGES.followCheck);
  }
  return choice === 'Check' ? { kind: choice, check: checkName(name ?? '') } : { kind: choice };
}

function readCapacity(field: Field): CapacityMarks | undefined {
  if (field.isAbsent) return undefined;
  const { highPercent, lowPercent } = field.members(
    ['highPercent', 'lowPercent'],
    '{ highPercent: 90, lowPercent: 75 }',
  );
  const high = highPercent.integer(1, 100) ?? 90;
  const low = lowPercent.integer(0, 99) ?? 75;
  if (low >= high) field.report(SCHEMA_MESSAGES.capacityMarks);
  return { highPercent: high, lowPercent: low };
}
