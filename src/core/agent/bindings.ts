import type { VipAddress } from '../ids.ts';
import { parseIp, subnetContains } from '../ip.ts';
import type { AssignedVip, RefusalReason, RefusedVip } from '../messages.ts';
import type { BoundAddress } from './agent-memory.ts';
import type { AgentConfig } from './agent-state.ts';

export interface BindingChange {
  readonly remove: readonly BoundAddress[];
  readonly put: readonly BoundAddress[];
}

/** What this host may bind of an assignment, and what it refuses. */
export function permitted(
  vips: readonly AssignedVip[],
  config: AgentConfig,
): { readonly allowed: readonly AssignedVip[]; readonly refused: readonly RefusedVip[] } {
  const allowed: AssignedVip[] = [];
  const refused: RefusedVip[] = [];
  for (const item of vips) {
    const problem = forbidden(item, config);
    if (problem) refused.push({ vip: item.vip, ...problem });
    else allowed.push(item);
  }
  return { allowed, refused };
}

function forbidden(item: AssignedVip, config: AgentConfig): { reason: RefusalReason; message: string } | undefined {
  if (!config.interfaces.includes(item.interface)) {
    const message = `${config.node} may not touch ${item.interface}: add it to the agent's --interfaces (now ${config.interfaces.join(',')})`;
    return { reason: 'InterfaceNotAllowed', message };
  }
  const ip = parseIp(item.vip);
  if (!ip || !config.allowedAddresses.some((subnet) => subnetContains(subnet, ip))) {
    const message = `${config.node} may not bind ${item.vip}: add a subnet that contains it to the agent's --allowed-addresses`;
    return { reason: 'AddressNotAllowed', message };
  }
  return undefined;
}

export const samePlace = (a: BoundAddress, b: BoundAddress): boolean =>
  a.interface === b.interface && a.prefixLength === b.prefixLength;

export const addressOf = ({ vip, interface: name, prefixLength }: BoundAddress): BoundAddress => ({
  vip,
  interface: name,
  prefixLength,
});

/** From what is there to what shall be there; an address at the wrong place is removed first. */
export function bindingChange(present: readonly BoundAddress[], wanted: readonly BoundAddress[]): BindingChange {
  const target = new Map<VipAddress, BoundAddress>(wanted.map((item) => [item.vip, item]));
  const kept = new Set<VipAddress>();
  const remove: BoundAddress[] = [];
  for (const item of present) {
    const goal = target.get(item.vip);
    if (goal && samePlace(goal, item)) kept.add(item.vip);
    else remove.push(addressOf(item));
  }
  return { remove, put: wanted.filter((item) => !kept.has(item.vip)).map(addressOf) };
}
