import { nodeName, poolName } from '../../core/ids.ts';
import type { HoldRight } from '../../core/messages.ts';
import type * as wire from '../../gen/vippool/v1/agent.ts';
import { list, name } from './field-checks.ts';

/** A node has VIPs of at most so many pools, and a pool has at most so many nodes. */
export const MAX_POOLS = 1_024;
export const MAX_MEMBERS = 4_096;

export const readHolds = (holds: readonly wire.HoldRight[]): HoldRight[] => list(holds, 'holds', MAX_POOLS, readHold);

/** As they were read last, by pool. */
const lastRead = new Map<string, HoldRight>();

/**
 * The same object for the same members: the nodes of a large pool all name all of them, in reports and in tables of leases,
 * and a million names are read and kept once.
 */
function readHold({ pool, members }: wire.HoldRight): HoldRight {
  const known = lastRead.get(pool);
  if (known?.members.length === members.length && known.members.every((member, i) => member === members[i]))
    return known;
  const right = {
    pool: poolName(name(pool, 'holds.pool')),
    members: list(members, 'holds.members', MAX_MEMBERS, (member) => nodeName(name(member, 'holds.members'))),
  };
  if (lastRead.size >= MAX_POOLS) lastRead.clear();
  lastRead.set(pool, right);
  return right;
}
