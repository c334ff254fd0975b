/**
 * A master whose own node is ill or drained hands over to a controller on a healthy one (rules of A10): what makes the node
 * ill may soon keep the master from its work. With one or two controllers the lock alone decides, and nobody hands over.
 */
import { isReleasing } from '../commitments.ts';
import type { ControllerId, NodeName } from '../ids.ts';
import { isHeard, type NodeEntry } from '../node-table.ts';
import { usedWithoutCarrier } from '../pool-interfaces.ts';
import { addMs, type Monotonic } from '../time.ts';
import type { ControllerConfig, ControllerState, ControllerStep } from './controller-state.ts';
import { bestSuccessor, byVotes, mayAct, resign } from './mandate.ts';
import { settingsOf } from './node-specs.ts';
import { faultText } from '../health-verdict.ts';

/** A node counts as healthy after this time at least, and so long a master stays in office that was handed over to. */
const LEAST_CALM_MS = 10_000;

export function leaveIllNode(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  if (!state.master || !byVotes(state) || !mayAct(state, now)) return [state, []];
  const illness = illnessOf(state, config.node);
  if (illness === undefined) return [state, []];
  const calmMs = calmTime(state);
  if (now < addMs(state.chosenAt, calmMs)) return [state, []];
  // Its VIPs first: the next master would wait for a report of each node before it gives them to anybody.
  const told = state.master.commitments.get(config.node);
  if (told && isReleasing(told)) return [state, []];
  const healthy = (id: ControllerId): boolean => {
    const node = state.peerNodes.get(id);
    return node !== undefined && node !== config.node && isWellSince(state, node, addMs(now, -calmMs));
  };
  const successor = bestSuccessor(state, config, healthy);
  if (successor === undefined) return [state, []];
  return resign(state, `its own node is ill: ${illness}`, successor, now, config);
}

export const isIll = (state: ControllerState, node: NodeName): boolean => illnessOf(state, node) !== undefined;

/** As long as VIPs wait for a node to be healthy. */
const calmTime = ({ pools }: ControllerState): number =>
  Math.max(LEAST_CALM_MS, ...(pools?.effective.map(({ failback }) => failback.delayMs) ?? []));

/** Undefined: well, or nobody knows, as where no agent runs beside the controller. */
function illnessOf(state: ControllerState, node: NodeName): string | undefined {
  const { nodes, care } = state;
  const entry = nodes.get(node);
  if (!entry || !isHeard(entry) || entry.gone !== 'no') return undefined;
  // Who drains a node is about to stop it.
  if (isDrained(state, node)) return 'it is drained';
  const network = networkFault(state, entry);
  if (network !== undefined) return network;
  for (const [pool, health] of care.book) {
    const [fault] = health.nodes.get(node)?.verdict.failing ?? [];
    // A fault of all nodes is none of this one.
    if (fault && !health.alarm) return `pool ${pool}: ${faultText(fault)}`;
  }
  return undefined;
}

function networkFault({ pools }: ControllerState, entry: NodeEntry): string | undefined {
  const [down] = usedWithoutCarrier(entry, pools?.effective ?? []);
  if (down !== undefined) return `no carrier on ${down}`;
  const { service } = entry;
  return service?.reachable === false ? `service network: ${service.message}` : undefined;
}

const isDrained = ({ pools }: ControllerState, node: NodeName): boolean =>
  settingsOf(pools?.nodeSpecs ?? new Map(), node).maintenance;

function isWellSince(state: ControllerState, node: NodeName, since: Monotonic): boolean {
  const { nodes, care } = state;
  const entry = nodes.get(node);
  if (!entry || !isHeard(entry) || entry.gone !== 'no' || !entry.leaseValid || entry.stableSince > since) return false;
  // It may be the switch that failed, and this node the last to notice.
  if (entry.reach.some(({ state }) => state === 'Suspect')) return false;
  if (networkFault(state, entry) !== undefined || isDrained(state, node)) return false;
  const standings = [...care.book.values()].flatMap((health) => health.nodes.get(node) ?? []);
  return standings.every(({ fault }) => fault.soundSince !== undefined && fault.soundSince <= since);
}
