import { parseRange, parseVipRange, type AddressRange, type ParsedRange } from './address-range.ts';
import { countAddresses, expand, findOverlaps, subtract } from './address-set.ts';
import { vipAddress, type VipAddress } from './ids.ts';
import { formatIp } from './ip.ts';
import type { Field } from './manifest-field.ts';
import { CONTROLLER_MESSAGES, MAX_ADDRESS_ENTRIES, MAX_POOL_ADDRESSES } from './pool-messages.ts';

const EXAMPLE = '["192.0.2.10", "192.0.2.32/30"]';

/** Reads spec.addresses less spec.exclude: canonical, in numeric order, IPv4 first. Undefined where anything is wrong. */
export function readAddresses(addresses: Field, exclude: Field): readonly VipAddress[] | undefined {
  const excluded = exclude.isAbsent ? [] : readRanges(exclude, parseRange);
  if (addresses.isAbsent || (Array.isArray(addresses.value) && addresses.value.length === 0)) {
    return addresses.report(`no addresses: write at least one, for example ${EXAMPLE}`);
  }
  const wanted = readRanges(addresses, parseVipRange, refuseOverlaps);
  if (!wanted || !excluded) return undefined;
  const left = subtract(wanted, excluded);
  const count = countAddresses(left);
  if (count > MAX_POOL_ADDRESSES) return addresses.report(CONTROLLER_MESSAGES.tooMany(count));
  if (count === 0n) return exclude.report(CONTROLLER_MESSAGES.nothingLeft);
  return expand(left).map((ip) => vipAddress(formatIp(ip)));
}

type ListCheck = (list: Field, items: readonly Field[], ranges: readonly AddressRange[]) => boolean;

function readRanges(
  list: Field,
  parse: (text: string) => ParsedRange,
  check: ListCheck = () => true,
): readonly AddressRange[] | undefined {
  const items = list.texts(MAX_ADDRESS_ENTRIES, EXAMPLE);
  const ranges = items?.flatMap((item) => {
    const parsed = parse(String(item.value));
    if (!parsed.ok) item.report(parsed.message);
    return parsed.ok ? [parsed.range] : [];
  });
  if (!items || !ranges || ranges.length < items.length) return undefined;
  return check(list, items, ranges) ? ranges : undefined;
}

/** Whether no two entries have an address in common. */
function refuseOverlaps(list: Field, items: readonly Field[], ranges: readonly AddressRange[]): boolean {
  list.refuseRepeated(items);
  const overlaps = findOverlaps(ranges);
  for (const { index, other } of overlaps) {
    const [item, rival] = [items[index], items[other]];
    if (!item || !rival || item.value === rival.value) continue;
    item.report(CONTROLLER_MESSAGES.overlap(`${rival.path} (${String(rival.value)})`));
  }
  return overlaps.length === 0;
}
