import type { VipAddress } from '../../core/ids.ts';
import { formatIp, parseIp } from '../../core/ip.ts';
import { age } from './age.ts';
import type { StatusReport, VipRow } from './report.ts';
import { printable } from './table.ts';

/** The answer to `vippool who IP`, and what `-o json|yaml` prints of it. */
export interface Holder {
  readonly address: VipAddress;
  /** Whether some node answers for the address, as far as the last written status tells. */
  readonly held: boolean;
  /** Missing where no pool has the address. */
  readonly vip?: VipRow;
}

/** Whether a node answers for an address in this state. One that is on its way to a node is not held yet. */
const HELD: Readonly<Record<VipRow['state'], boolean>> = {
  Bound: true,
  Binding: false,
  Releasing: true,
  Unassigned: false,
};

export function holderOf(report: StatusReport, address: VipAddress): Holder {
  const vip = report.vips.find((row) => canonical(row.address) === address);
  if (!vip) return { address, held: false };
  return { address, held: HELD[vip.state] && vip.node !== undefined, vip };
}

/** One line. `now` is the wall clock. */
export function renderHolder({ address, vip }: Holder, now: Date): string {
  if (!vip) return `${address} is held by nobody (in the status of no pool)\n`;
  const since = age(vip.since, now);
  const cause = vip.message === undefined ? vip.reason : `${vip.reason}: ${vip.message}`;
  const details = `pool ${vip.pool}${since === '' ? '' : `, for ${since}`}, ${cause}`;
  return `${printable(`${address} ${verdict(vip)} (${details})`)}\n`;
}

function verdict(vip: VipRow): string {
  const node = vip.node ?? 'an unknown node';
  switch (vip.state) {
    case 'Bound':
      return `is held by ${node}${vip.interface === undefined ? '' : ` on ${vip.interface}`}`;
    case 'Binding':
      return `is held by nobody: ${node} is about to take it`;
    case 'Releasing':
      return `is held by ${node}, which is letting it go`;
    case 'Unassigned':
      return 'is held by nobody';
  }
}

function canonical(text: string): string {
  const ip = parseIp(text);
  return ip ? formatIp(ip) : text;
}
