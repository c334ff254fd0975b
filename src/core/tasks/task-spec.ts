/** `spec` of a VipTask: what is to be done once. */
import { nodeName, poolName, vipAddress, type NodeName, type PoolName, type VipAddress } from '../ids.ts';
import { parsePoolAddress } from '../address-range.ts';
import { formatIp } from '../ip.ts';
import { Field } from '../manifest-field.ts';
import { isSubdomain } from '../manifest-names.ts';
import { NODE_MESSAGES } from '../node-messages.ts';
import { SCHEMA_MESSAGES } from '../pool-messages.ts';
import type { Parsed, Problem } from '../pool.ts';
import { HOUR_MS } from '../time.ts';
import { TASK_MESSAGES } from './task-messages.ts';

export type TaskSpec = (MoveSpec | FailbackSpec) & {
  /** Tells what would happen, and nothing does. */
  readonly dryRun: boolean;
  /** How long a finished task is kept. */
  readonly ttlMs: number;
};

/** The node becomes the home of the VIP, which goes there now. */
export interface MoveSpec {
  readonly action: 'Move';
  readonly address: VipAddress;
  readonly node: NodeName;
}

/** VIPs go home now: this one, those of a pool, or all of them. */
export interface FailbackSpec {
  readonly action: 'Failback';
  readonly address: VipAddress | undefined;
  readonly pool: PoolName | undefined;
}

const DEFAULT_TTL_MS = HOUR_MS;
const MAX_TTL_MS = 720 * HOUR_MS;
const EXAMPLE = '{ action: Move, address: "192.0.2.10", node: node-a }';

/** Checks the spec of a VipTask in full. */
export function parseTask(spec: unknown): Parsed<TaskSpec> {
  const problems: Problem[] = [];
  const root = new Field('spec', spec, problems);
  const fields = root.requiredMembers(['action', 'address', 'pool', 'node', 'dryRun', 'ttlAfterFinished'], EXAMPLE);
  if (!fields) return { ok: false, problems };
  const { action, dryRun, ttlAfterFinished } = fields;
  const choice = action.choice(['Move', 'Failback']);
  if (action.isAbsent) action.report('must be there: write Move or Failback');
  const address = readAddress(fields.address);
  const pool = readName(fields.pool, NODE_MESSAGES.poolName);
  const node = readName(fields.node, SCHEMA_MESSAGES.nodeName);
  const common = {
    dryRun: dryRun.boolean() ?? false,
    ttlMs: ttlAfterFinished.duration((ms) => ms <= MAX_TTL_MS, TASK_MESSAGES.ttlRange) ?? DEFAULT_TTL_MS,
  };
  const given = { address: !fields.address.isAbsent, pool: !fields.pool.isAbsent, node: !fields.node.isAbsent };
  if (choice === 'Move' && !(given.address && given.node && !given.pool)) root.report(TASK_MESSAGES.move);
  if (choice === 'Failback' && (given.node || (given.address && given.pool))) root.report(TASK_MESSAGES.failback);
  if (problems.length > 0) return { ok: false, problems };
  if (choice === 'Move' && address !== undefined && node !== undefined) {
    return { ok: true, value: { action: choice, address, node: nodeName(node), ...common } };
  }
  const only = pool === undefined ? undefined : poolName(pool);
  return { ok: true, value: { action: 'Failback', address, pool: only, ...common } };
}

function readAddress(field: Field): VipAddress | undefined {
  const text = field.text();
  if (text === undefined) return undefined;
  const ip = parsePoolAddress(text);
  return ip ? vipAddress(formatIp(ip)) : field.report(TASK_MESSAGES.address);
}

function readName(field: Field, message: string): string | undefined {
  const text = field.text();
  return text === undefined || isSubdomain(text) ? text : field.report(message);
}
