/** Which interfaces of a node a pool is about. */
import { type AddressRange, overlap } from './address-range.ts';
import { type AddressSet, subtract, union } from './address-set.ts';
import type { ServiceInterfaces } from './check-state.ts';
import { chooseInterface } from './interface-choice.ts';
import { parseCidr, parseIp, subnetRange } from './ip.ts';
import type { InterfaceState } from './messages.ts';
import type { NodeEntry } from './node-table.ts';
import { matchesSelector, type Pool } from './pool.ts';
import { remembered } from './remembered.ts';

/**
 * Where the VIPs of each pool would be on a node that has all of these pools: for checks that look there without naming
 * the interface, which a node that holds none of the VIPs cannot know by itself.
 */
export const serviceInterfaces = (pools: readonly Pool[], interfaces: readonly InterfaceState[]): ServiceInterfaces => {
  const asked = pools.filter(isAskedFor).map((pool) => [pool.name, chosenFor(pool, interfaces)] as const);
  return new Map(asked.filter(([, names]) => names.length > 0));
};

const isAskedFor = ({ health }: Pool): boolean =>
  health.checks.some(({ probe }) => (probe.type === 'interface' || probe.type === 'gateway') && probe.interface === '');

/** What the pools of a node make of an interface. */
type Holder = Pick<NodeEntry, 'labels' | 'interfaces' | 'applied'>;

/** Interfaces without a carrier that matter; what becomes of one that no pool of the node uses is nobody's concern. */
export const usedWithoutCarrier = (node: Holder, pools: readonly Pool[]): readonly string[] =>
  node.interfaces.filter((link) => !link.carrier && isUsed(link, node, pools)).map(({ name }) => name);

/** Whether VIPs are on the interface, or can be as far as pools of the node say. */
export const isUsed = (
  link: InterfaceState,
  { labels, interfaces, applied }: Holder,
  pools: readonly Pool[],
): boolean =>
  applied?.held.some((held) => held.interface === link.name) === true ||
  pools.some((pool) => matchesSelector(pool, labels) && mayCarry(pool, link, interfaces));

/** Whether VIPs of the pool would be on the interface. */
export function mayCarry(pool: Pool, link: InterfaceState, interfaces: readonly InterfaceState[]): boolean {
  if (pool.interface.kind === 'names') return chosenFor(pool, interfaces).includes(link.name);
  const wanted = addressesOf(pool);
  if (haveCommon(subnetsOf(link), wanted)) return true;
  // Some hosts take the addresses of an interface away when it loses its carrier: it may be the one that a VIP misses.
  const isBare = link.addresses.every((address) => /^fe80:/i.test(address));
  return isBare && subtract(wanted, interfaces.flatMap(subnetsOf)).length > 0;
}

/** What `chooseInterface` says of all VIPs together. */
function chosenFor(pool: Pool, interfaces: readonly InterfaceState[]): readonly string[] {
  const [first] = pool.vips;
  if (first === undefined) return [];
  if (pool.interface.kind === 'names') {
    return [chooseInterface(pool.interface, interfaces, first)?.name ?? []].flat();
  }
  const chosen: string[] = [];
  let open = addressesOf(pool);
  for (const link of [
    ...interfaces.filter(({ carrier }) => carrier),
    ...interfaces.filter(({ carrier }) => !carrier),
  ]) {
    const own = subnetsOf(link);
    if (haveCommon(own, open)) chosen.push(link.name);
    open = subtract(open, own);
  }
  return chosen;
}

const addressesOf = remembered(({ vips }: Pool): AddressSet =>
  union(
    vips.flatMap((vip) => {
      const ip = parseIp(vip);
      return ip ? [{ family: ip.family, first: ip.value, last: ip.value }] : [];
    }),
  ),
);

const subnetsOf = ({ addresses }: InterfaceState): readonly AddressRange[] =>
  addresses.flatMap((text) => {
    const subnet = parseCidr(text);
    if (!subnet) return [];
    const { first, last } = subnetRange(subnet);
    return [{ family: first.family, first: first.value, last: last.value }];
  });

const haveCommon = (some: readonly AddressRange[], others: readonly AddressRange[]): boolean =>
  some.some((range) => others.some((other) => overlap(range, other)));
