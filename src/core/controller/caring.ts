/** Health, as a controller looks after it: every one keeps the past of the nodes, the master has them checked. */
import type { NodeName } from '../ids.ts';
import { followHealth, followReport, type HealthBook, type HealthWorld, NO_HEALTH_KNOWN } from '../health-book.ts';
import { signalsOf } from '../health-signals.ts';
import { followMoves, type MoveLog, NO_MOVES } from '../move-log.ts';
import { neighboursOf, nextRing, type Ring } from '../neighbour-ring.ts';
import type { Neighbours } from '../neighbours.ts';
import { checkKey, nextConfig, type SentConfig } from '../node-config.ts';
import type { NodeSettings } from '../node-settings.ts';
import type { NodeEntry } from '../node-table.ts';
import { NO_SIGNALS, type Signals } from '../placement/signals.ts';
import type { MasterState } from '../master.ts';
import type { Pool } from '../pool.ts';
import type { PoolView } from '../pool-view.ts';
import type { Term } from '../term.ts';
import type { Monotonic } from '../time.ts';
import type { ControllerConfig, ControllerEffect, ControllerState, ControllerStep } from './controller-state.ts';
import { settingsOf } from './node-specs.ts';

export interface Care {
  /** Outlives reigns. */
  readonly book: HealthBook;
  /** Of this reign, by node. */
  readonly sent: ReadonlyMap<NodeName, SentConfig>;
  /** Of which `sent` was made. */
  readonly pools: readonly Pool[];
  readonly ring: Ring;
  /** Whom each node asks, made of both. */
  readonly neighbours: ReadonlyMap<NodeName, readonly Neighbours[]>;
  readonly signals: Signals;
  /** Nodes that answer no multicast of this master, while others do. */
  readonly mute: ReadonlySet<NodeName>;
  /** Of this reign. */
  readonly moves: MoveLog;
}

export const NO_CARE: Care = {
  book: NO_HEALTH_KNOWN,
  sent: new Map(),
  pools: [],
  ring: [],
  neighbours: new Map(),
  signals: NO_SIGNALS,
  mute: new Set(),
  moves: NO_MOVES,
};

const NOBODY: readonly Neighbours[] = [];

/** A new reign: its configurations have versions of their own. */
export const newCare = ({ book }: Care): Care => ({ ...NO_CARE, book });

const worldOf = ({ pools, nodes, care }: ControllerState): HealthWorld => ({
  pools: pools?.effective ?? [],
  nodes,
  settingsOf: (node) => settingsOf(pools?.nodeSpecs ?? new Map(), node),
  wantedSince: (node, check) => care.sent.get(node)?.since.get(checkKey(check)),
});

/** A node has told of its checks. The master looks at all of them when it decides. */
export function healthHeard(state: ControllerState, node: NodeName, now: Monotonic): ControllerState {
  if (state.master || !state.pools) return state;
  return { ...state, care: { ...state.care, book: followReport(state.care.book, node, worldOf(state), now) } };
}

/** Before each decision of the master: tells nodes what to check, and judges what they have told. */
export function takeCare(
  before: ControllerState,
  term: Term,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const [state, effects] = configure(before, term, now);
  const { care, pools, nodes } = state;
  const world = worldOf(state);
  const book = followHealth(care.book, world, now);
  const settings = new Map<NodeName, NodeSettings>();
  for (const [node, spec] of pools?.nodeSpecs ?? []) settings.set(node, spec.settings);
  const signals = signalsOf(care.signals, {
    pools: world.pools,
    nodes,
    settings,
    book,
    masterNode: config.node,
  });
  return [{ ...state, care: { ...care, book, signals } }, effects];
}

/** Sent on every new stream, and when something of it has changed. */
function configure(state: ControllerState, term: Term, now: Monotonic): ControllerStep {
  const { pools: book, nodes, care } = state;
  const pools = book?.effective ?? [];
  const isSamePools = pools.length === care.pools.length && pools.every((pool, index) => pool === care.pools[index]);
  const ring = nextRing(care.ring, nodes);
  const neighbours = isSamePools && ring === care.ring ? care.neighbours : neighboursOf(ring, pools);
  const specs = book?.nodeSpecs ?? new Map();
  const effects: ControllerEffect[] = [];
  const sent = new Map<NodeName, SentConfig>();
  for (const entry of nodes.values()) {
    const { node } = entry;
    const known = care.sent.get(node);
    if (!mayBeConfigured(entry)) {
      if (known) sent.set(node, known);
      continue;
    }
    const { session } = entry;
    const asked = neighbours.get(node) ?? NOBODY;
    const next = nextConfig(known, entry, settingsOf(specs, node), asked, pools, isSamePools, term, now);
    sent.set(node, next);
    if (next.config === known?.config && next.session === known.session) continue;
    effects.push({ kind: 'send', session, message: { kind: 'config', ...next.config } });
  }
  return [{ ...state, care: { ...care, sent, pools, ring, neighbours } }, effects];
}

/** Whom it shall ask depends on its interfaces, and it tells of them first. */
const mayBeConfigured = (entry: NodeEntry): entry is NodeEntry & { readonly session: number } =>
  entry.gone === 'no' && entry.session !== undefined && entry.healthNumber !== 0;

/** What a decision has moved, as the nodes confirm it. */
export function noteMoves(
  { care, pools, nodes }: ControllerState,
  { reasons, commitments }: MasterState,
  views: readonly PoolView[],
  now: Monotonic,
): MoveLog {
  const silentMs = (node: NodeName): number | undefined => {
    const entry = nodes.get(node);
    return entry?.gone === 'lease-ended' ? now - entry.lastHeard : undefined;
  };
  return followMoves(
    care.moves,
    {
      pools: views,
      decisions: reasons,
      recordedHolder: (vip) => pools?.recordedHolders.get(vip),
      isTold: (vip, node) => commitments.get(node)?.vips.has(vip) ?? false,
      silentMs,
    },
    now,
  );
}
