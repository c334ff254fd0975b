import { nodeName, poolName } from '../../core/ids.ts';
import type { HoldRight } from '../../core/messages.ts';
import type * as wire from '../../gen/vippool/v1/agent.ts';
import { list, name } from './field-checks.ts';

/** A node has VIPs of at most so many pools, and a pool has at most so many nodes. */
export const MAX_POOLS = 1_024;
export const MAX_MEMBERS = 4_096;

export const readHolds = (holds: readonly wire.HoldRight[]): HoldRight[] =>
  list(holds, 'holds', MAX_POOLS, ({ pool, members }) => ({
    pool: poolName(name(pool, 'holds.pool')),
    members: list(members, 'holds.members', MAX_MEMBERS, (member) => nodeName(name(member, 'holds.members'))),
  }));
