import { REASON_WORDS } from '../../core/reason-words.ts';
import type { SourceSnapshot } from '../../ports/source.ts';
import { historyOf, renderHistory } from '../operate/history.ts';
import { problemsOf } from '../status/render.ts';
import { type NodeRow, reportOf, type StatusReport, type VipRow } from '../status/report.ts';
import { printable } from '../status/table.ts';

/** What the summary is made of. */
export interface SummaryInput {
  /** When the findings were gathered. */
  readonly from: Date;
  readonly to: Date;
  readonly facts: readonly { readonly what: string; readonly value: string }[];
  /** Undefined: nothing of pools and nodes could be read. */
  readonly snapshot: SourceSnapshot | undefined;
  readonly troubles: readonly Reasoned[];
  readonly missing: readonly Reasoned[];
}

/** Something, and why it is so. */
export interface Reasoned {
  readonly what: string;
  readonly why: string;
}

/** Lines of one kind that are written; the files have the rest. */
const MAX_LINES = 50;
/** Names before "and 9 more". */
const MAX_NAMES = 5;
const LAST_MOVES = 10;

/** What a human reads first: what there is, what is wrong, and what could not be collected. */
export function renderSummary({ from, to, facts, snapshot, troubles, missing }: SummaryInput): string {
  const report = snapshot && reportOf(snapshot);
  const wrong = [...(report ? complaints(report) : []), ...grouped(troubles)];
  const moves = snapshot ? historyOf(snapshot, { pool: undefined, address: undefined }).slice(0, LAST_MOVES) : [];
  return [
    `vippool diagnose, from ${from.toISOString()} to ${to.toISOString()}\n`,
    section('What there is', [
      ...facts.map(({ what, value }) => `${what}: ${value}`),
      ...(report ? counts(report) : []),
    ]),
    section('What is not as it should be', wrong, report ? 'nothing that can be seen from here' : 'not known'),
    section('What could not be collected, and why', grouped(missing), 'nothing is missing'),
    ...(moves.length > 0 ? [`The last moves\n${renderHistory(moves, { wide: true, now: to })}`] : []),
  ].join('\n');
}

function section(title: string, lines: readonly string[], none = ''): string {
  const more = lines.length > MAX_LINES ? [`and ${lines.length - MAX_LINES} more`] : [];
  const shown = lines.length === 0 ? [none] : [...lines.slice(0, MAX_LINES), ...more];
  return [title, ...shown.map((line) => `  ${printable(line)}`), ''].join('\n');
}

function counts({ pools, vips, nodes }: StatusReport): string[] {
  const ready = pools.filter((pool) => pool.ready === 'True').length;
  const bound = vips.filter(({ state }) => state === 'Bound').length;
  const phases = [...new Set(nodes.map(({ phase }) => phase))].sort();
  return [
    `pools: ${pools.length}, of which ${ready} are Ready`,
    `VIPs: ${vips.length}, of which ${bound} are held`,
    `nodes: ${nodes.length}${inBrackets(phases.map((item) => `${count(nodes, ({ phase }) => phase === item)} ${item}`))}`,
    `agents: ${inWords(nodes)}`,
  ];
}

/** "0.1.0 on 3 nodes, 0.2.0 on 1" */
function inWords(nodes: readonly NodeRow[]): string {
  const versions = [...new Set(nodes.map(({ agentVersion = 'an unknown version' }) => agentVersion))].sort();
  const parts = versions.map((version) => {
    const on = count(nodes, ({ agentVersion = 'an unknown version' }) => agentVersion === version);
    return `${version} on ${on} ${on === 1 ? 'node' : 'nodes'}`;
  });
  return parts.join(', ') || 'none';
}

/** What `status` complains of, and every node and VIP that is not where it should be. */
function complaints(report: StatusReport): string[] {
  const nodes = report.nodes
    .filter(({ phase }) => phase !== 'Healthy')
    .map(({ name, phase, lastHeartbeatTime: last }) =>
      last === undefined ? `node ${name} is ${phase}` : `node ${name} is ${phase}, last heard of at ${last}`,
    );
  const pools = report.pools
    .filter(({ ready }) => ready === 'Unknown')
    .map(({ name }) => `pool ${name}: nothing was ever written about it: is a controller master?`);
  const vips = report.vips.filter(({ state }) => state !== 'Bound').map(vipComplaint);
  return [...problemsOf(report), ...pools, ...nodes, ...grouped(vips)];
}

function vipComplaint({ address, pool, node, state, reason, message }: VipRow): Reasoned {
  const where = node === undefined ? '' : ` on ${node}`;
  const reasons = [reason, REASON_WORDS[reason], message].filter((text) => text !== undefined);
  return { what: `VIP ${address} of pool ${pool}`, why: `${state}${where}: ${reasons.join(': ')}` };
}

/** One line for each reason: thousand pods that may not be read are not thousand lines. */
export function grouped(items: readonly Reasoned[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { what, why } of items) byReason.set(why, [...(byReason.get(why) ?? []), what]);
  return [...byReason].map(([why, names]) => {
    const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
    return printable(`${names.slice(0, MAX_NAMES).join(', ')}${more}: ${why}`);
  });
}

const count = <T>(items: readonly T[], isCounted: (item: T) => boolean): number => items.filter(isCounted).length;
const inBrackets = (parts: readonly string[]): string => (parts.length === 0 ? '' : ` (${parts.join(', ')})`);
