import type { VipAddress } from '../../core/ids.ts';
import { formatIp, parseIp } from '../../core/ip.ts';
import { REASON_WORDS } from '../../core/reason-words.ts';
import { age } from './age.ts';
import type { CheckRow, StatusReport, VipRow } from './report.ts';
import { printable } from './table.ts';

/** The answer to `vippool who IP`, and what `-o json|yaml` prints of it. */
export interface Holder {
  readonly address: VipAddress;
  /** Whether some node answers for the address, as far as the last written status tells. */
  readonly held: boolean;
  /** Missing where no pool has the address. */
  readonly vip?: VipRow;
  /** Why it is there, in words; missing where its reason has none. */
  readonly why?: string;
  /** Checks of its pool that fail: on its holder, or where nobody holds it on every node. */
  readonly failingChecks?: readonly (CheckRow & { readonly node: string })[];
}

/** Whether a node answers for an address in this state. One that is on its way to a node is not held yet. */
const HELD: Readonly<Record<VipRow['state'], boolean>> = {
  Bound: true,
  Binding: false,
  Releasing: true,
  Unassigned: false,
};

const FAILS: ReadonlySet<string> = new Set<CheckRow['state']>(['Failing', 'Unknown']);

export function holderOf(report: StatusReport, address: VipAddress): Holder {
  const vip = report.vips.find((row) => canonical(row.address) === address);
  if (!vip) return { address, held: false };
  const held = HELD[vip.state] && vip.node !== undefined;
  const nodes = report.nodes.filter(({ name }) => !held || name === vip.node);
  const failingChecks = nodes.flatMap(({ name, checks = [] }) =>
    checks
      .filter((check) => check.pool === vip.pool && FAILS.has(check.state))
      .map((check) => ({ node: name, ...check })),
  );
  const why = REASON_WORDS[vip.reason];
  return {
    address,
    held,
    vip,
    ...(why !== undefined && { why }),
    ...(failingChecks.length > 0 && { failingChecks }),
  };
}

/** One line, and one more for each thing that is to be said about it. `now` is the wall clock. */
export function renderHolder({ address, vip, why, failingChecks = [] }: Holder, now: Date): string {
  if (!vip) return `${address} is held by nobody (in the status of no pool)\n`;
  const since = age(vip.since, now);
  const cause = vip.message === undefined ? vip.reason : `${vip.reason}: ${vip.message}`;
  const details = `pool ${vip.pool}${since === '' ? '' : `, for ${since}`}, ${cause}`;
  const lines = [
    `${address} ${verdict(vip)} (${details})`,
    ...(why === undefined ? [] : [`  why: ${why}`]),
    ...failingChecks.map(({ node, name, state, output = '' }) => {
      const said = output === '' ? '' : `: ${output}`;
      return `  check ${name} on ${node} ${state === 'Failing' ? 'fails' : 'has no new result'}${said}`;
    }),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
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
