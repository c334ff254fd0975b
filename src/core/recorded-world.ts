/** What placement would look at, made of manifests and statuses alone: for those who ask and do not decide. */
import type { NodeHealthStatus } from './api/types.gen.ts';
import { UNMEASURED } from './check-state.ts';
import { readSnapshot } from './controller/pools.ts';
import { settingsOf } from './controller/node-specs.ts';
import { NO_HEALTH_KNOWN } from './health-book.ts';
import { signalsOf } from './health-signals.ts';
import { checkName } from './checks.ts';
import { epoch, incarnation, nodeName, poolName, vipAddress, type NodeName, type VipAddress } from './ids.ts';
import type { NodeRecord, SourceSnapshot } from './manifest.ts';
import { allMembers } from './membership.ts';
import { checksOn, type NodeSettings } from './node-settings.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';
import type { PlaceNode } from './placement/board.ts';
import { factsOf, NO_FACTS } from './placement/facts.ts';
import type { PlacementInput } from './placement/place.ts';
import { planPool } from './placement/plan.ts';
import { scaledWeight } from './placement/roster.ts';
import { nothingShared } from './placement/shared.ts';
import { NO_SIGNALS } from './placement/signals.ts';
import type { Pool } from './pool.ts';
import { Reason } from './reasons.ts';
import { monotonic, NEVER } from './time.ts';

/**
 * One input for each pool in force, in the order in which the master places them. What no status tells is taken for good:
 * every node has been well for long enough, and has room.
 */
export function recordedInputs(snapshot: SourceSnapshot): PlacementInput[] {
  const book = readSnapshot(undefined, snapshot);
  const nodes: NodeTable = new Map(snapshot.nodes.flatMap((record) => recordedEntry(record)));
  const members = allMembers(book.records, nodes);
  const settings = new Map<NodeName, NodeSettings>([...book.nodeSpecs].map(([node, spec]) => [node, spec.settings]));
  const settingsFor = (node: NodeName): NodeSettings => settingsOf(book.nodeSpecs, node);
  const master = snapshot.nodes.find(({ status }) => status?.role === 'Master')?.name;
  const signals = signalsOf(NO_SIGNALS, {
    pools: book.effective,
    nodes,
    settings,
    settingsOf: settingsFor,
    book: NO_HEALTH_KNOWN,
    masterNode: master ?? nodeName(''),
  });
  const facts = factsOf([...nodes.values()], NO_FACTS);
  const holders = holdersIn(snapshot);
  const shared = nothingShared();
  return book.effective.map((pool) => {
    const world = {
      nodes,
      facts,
      members,
      signals,
      holders,
      moved: book.previousMoves,
      previousHome: (vip: VipAddress) => book.previousHomes.get(vip) ?? holders.get(vip),
      refused: () => false,
      refusedVips: new Set<VipAddress>(),
      lossReason: () => undefined,
      otherLoad: new Map<NodeName, number>(),
      otherHomes: () => new Map<NodeName, number>(),
      shared,
    };
    const { input } = planPool(pool, undefined, world, monotonic(0));
    return { ...input, nodes: judged(pool, input.nodes, snapshot.nodes, settingsFor) };
  });
}

function holdersIn({ pools }: SourceSnapshot): Map<VipAddress, NodeName> {
  const bindings = pools.flatMap(({ status }) => status?.bindings ?? []);
  return new Map(
    bindings.flatMap(({ address, node }) =>
      node === undefined ? [] : [[vipAddress(address), nodeName(node)] as const],
    ),
  );
}

/** As the master that wrote the record saw the node; nothing for one that is only declared. */
function recordedEntry({ name, status }: NodeRecord): [NodeName, NodeEntry][] {
  if (!status) return [];
  const lease = { incarnation: incarnation('record'), epoch: epoch(status.leaseEpoch ?? 0) };
  const applied = { lease, term: undefined, version: 0, held: [], refused: [], rivals: [], holds: [] };
  const entry: NodeEntry = {
    node: name,
    session: 0,
    labels: status.labels ?? {},
    ownLabels: status.labels ?? {},
    agentVersion: status.agentVersion ?? '',
    bootId: 'record',
    lease,
    leaseValid: true,
    highestTerm: undefined,
    lastHeard: monotonic(0),
    gone: status.phase === 'Unreachable' ? 'lease-ended' : 'no',
    knockedAt: NEVER,
    restored: undefined,
    past: [],
    holds: [],
    healthNumber: 0,
    healthAt: monotonic(0),
    interfaces: (status.interfaces ?? []).map(({ name: link, mac = '', carrier, addresses = [] }) => ({
      name: link,
      mac,
      carrier,
      addresses,
    })),
    // The status has only what follows from it.
    reach: [],
    answering: [],
    leaving: false,
    fence: undefined,
    realtime: undefined,
    checks: (status.checks ?? []).map(({ pool, name: check, state, output = '' }) => ({
      pool: poolName(pool),
      name: checkName(check),
      state,
      output,
      durationMs: 0,
      sinceMs: 0,
      repairing: false,
    })),
    management: UNMEASURED,
    service: UNMEASURED,
    witnessAddress: '',
    answersMulticast: false,
    applied,
    leaseSince: NEVER,
    stableSince: NEVER,
  };
  return [[name, entry]];
}

/** What the recorded results of checks mean for the nodes of a pool. */
function judged(
  pool: Pool,
  nodes: readonly PlaceNode[],
  records: readonly NodeRecord[],
  settingsFor: (node: NodeName) => NodeSettings,
): PlaceNode[] {
  const statusOf = (node: NodeName): NodeHealthStatus | undefined => records.find(({ name }) => name === node)?.status;
  const isCutOff = ({ node }: PlaceNode): boolean => statusOf(node)?.networks?.service?.reachable === false;
  // Where all are cut off, none is the worse for it.
  const someReach = nodes.some((node) => node.unfit === undefined && !isCutOff(node));
  const marked = nodes.map((node): PlaceNode => {
    const status = statusOf(node.node);
    if (node.unfit === undefined && someReach && isCutOff(node)) return { ...node, unfit: Reason.ServiceUnreachable };
    const bad = checksOn(settingsFor(node.node), pool.health.checks).filter(({ name }) =>
      status?.checks?.some(
        (item) =>
          item.pool === pool.name && item.name === name && (item.state === 'Failing' || item.state === 'Unknown'),
      ),
    );
    if (node.unfit === undefined && bad.some(({ severity }) => severity === 'Fail')) {
      return { ...node, unfit: Reason.CheckFailed };
    }
    const isHeldOff = status?.heldOff?.some((item) => item.pool === pool.name) ?? false;
    const penalty = bad.reduce((sum, item) => sum + (item.severity === 'Degrade' ? item.penalty : 0), 0);
    return {
      ...node,
      effectiveWeight: scaledWeight(node.weight, 100 - Math.min(99, penalty)),
      closed: node.closed ?? (isHeldOff ? Reason.HeldOff : undefined),
      stable: node.stable && !isHeldOff,
    };
  });
  const isCrisis = marked.every(({ unfit }) => unfit !== undefined);
  return isCrisis && pool.health.whenAllUnhealthy === 'Keep' ? [...nodes] : marked;
}
