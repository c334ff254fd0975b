/**
 * A master that does not hear a node whose lease others acknowledge can neither tell it anything nor know what it holds or
 * how it is: VIPs that nobody is known to hold wait for such a node for as long as that lasts, and those that it holds stay
 * whatever happens to it (ADR 15). It hands over to a controller that hears more, the sooner if a VIP waits.
 */
import type { ControllerId, NodeName } from '../ids.ts';
import { knocks } from '../known-leases.ts';
import type { PeerTable } from '../lease-verdicts.ts';
import type { NodeEntry, NodeTable } from '../node-table.ts';
import type { PoolView } from '../pool-view.ts';
import { compareTerms, type Term } from '../term.ts';
import type { Monotonic } from '../time.ts';
import { revokeAfterMs, type Timing } from '../timing.ts';
import type { ControllerConfig, ControllerState, ControllerStep } from './controller-state.ts';
import { bestSuccessor, byVotes, resign } from './mandate.ts';
import { isIll } from './own-node.ts';

/** An agent that has lost its stream has opened another one by then. */
const RECONNECT_MS = 1_000;

/** Others that lost a node together with us have revoked its lease by then as well. */
const deafAfterMs = (timing: Timing): number => revokeAfterMs(timing) + RECONNECT_MS;

/** Until then people are told whom it does not reach, and may mend that. */
const PATIENCE_MS = 30_000;

/** When to look again while some node is heard by others alone. */
export const deafnessLookMs = (timing: Timing): number => deafAfterMs(timing) / 4;

/**
 * Nodes that hold a lease, as far as we know, without our acknowledgement.
 *
 * @param judged the nodes as the master may treat them: `gone` only where the lease is over
 */
export const heardByOthers = ({ nodes }: ControllerState, judged: NodeTable): readonly NodeName[] => {
  const found: NodeName[] = [];
  for (const { node, gone } of judged.values()) if (gone === 'no' && nodes.get(node)?.gone !== 'no') found.push(node);
  return found;
};

/**
 * Whether a VIP may be held by nobody: nobody is known to hold it, it is on its way to or from one of these, or only
 * what one of these said under another master tells that it is there.
 */
const isAnyWaiting = (
  { nodes, master }: ControllerState,
  views: readonly PoolView[],
  unheard: readonly NodeName[],
): boolean => {
  const isOld = (term: Term | undefined): boolean => !master || !term || compareTerms(term, master.term) !== 0;
  return views.some(({ bindings }) =>
    bindings.some(
      ({ state, node }) =>
        state === 'Unassigned' ||
        (node !== undefined && unheard.includes(node) && (state !== 'Bound' || isOld(nodes.get(node)?.applied?.term))),
    ),
  );
};

export function leaveToWhoHearsMore(
  state: ControllerState,
  unheard: readonly NodeName[],
  views: readonly PoolView[],
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const { verdicts, nodes } = state;
  if (unheard.length === 0 || !verdicts || !byVotes(state)) return [state, []];
  const since = now - (isAnyWaiting(state, views, unheard) ? deafAfterMs(config.timing) : PATIENCE_MS);
  const isSilent = (entry: NodeEntry | undefined): boolean =>
    !entry || (entry.lastHeard < since && !knocks(entry, now, config.timing));
  const missed = verdicts.since < since ? unheard.filter((node) => isSilent(nodes.get(node))) : [];
  if (missed.length === 0) return [state, []];
  const heard = [...nodes.values()].filter(({ gone }) => gone === 'no');
  const hearsMore = (id: ControllerId): boolean => {
    const table = verdicts.peers.get(id);
    const home = state.peerNodes.get(id);
    if (!table || now >= table.freshUntil || (home !== undefined && isIll(state, home))) return false;
    return heard.every(({ node }) => hears(table, node)) && missed.some((node) => hears(table, node));
  };
  const successor = bestSuccessor(state, config, hearsMore);
  if (successor === undefined) return [state, []];
  return resign(state, `it does not hear ${missed.join(', ')}, which ${successor} hears`, successor, now, config);
}

const hears = ({ leases }: PeerTable, node: NodeName): boolean =>
  leases.get(node)?.some(({ revoked }) => !revoked) ?? false;
