import type { Binding } from '../../core/api/types.gen.ts';
import type { NodeName } from '../../core/ids.ts';
import { ADVICE } from '../../core/placement/advice.ts';
import { REASON_WORDS } from '../../core/reason-words.ts';
import { Reason } from '../../core/reasons.ts';
import type { Monotonic } from '../../core/time.ts';
import { whatMoves } from '../../core/what-moves.ts';
import type { ManifestWriter } from '../../ports/manifest-writer.ts';
import type { SourceSnapshot } from '../../ports/source.ts';
import type { SourceSession } from './source-session.ts';

/** What `vippool drain` prints with -o json|yaml; field names are stable. */
export interface DrainReport {
  readonly node: string;
  /** Whether it was only asked what would happen. */
  readonly dryRun: boolean;
  /**
   * VIPs that the node held, and where each of them is answered now; missing: nowhere, and why, or where the next master will
   * run, which nobody knows before.
   */
  readonly moved: readonly ({
    readonly address: string;
    readonly to?: string;
    readonly toNextMaster?: true;
  } & Partial<Why>)[];
  readonly stayed: readonly ({ readonly address: string } & Why)[];
  /** False: it goes on. */
  readonly finished: boolean;
}

interface Why {
  readonly reason: string;
  /** For people: what to do about it. */
  readonly message: string;
}

export interface DrainOptions {
  readonly noWait: boolean;
  readonly timeoutMs: number;
}

/** VIPs that have not moved for so long, though the master knows, stay for want of another node. */
const CALM_MS = 3_000;

/** Drains a node and waits until the last VIP that can leave it is answered elsewhere. */
export async function drain(
  session: SourceSession,
  writer: ManifestWriter,
  node: NodeName,
  { noWait, timeoutMs }: DrainOptions,
): Promise<DrainReport> {
  const before = session.latest ? heldBy(session.latest, node) : [];
  // One that is leaving another node may have been on its way to this one.
  const watched = [...before, ...(session.latest ? bindingsIn(session.latest).filter(isLeaving) : [])];
  await writer.setMaintenance(node, true);
  if (noWait) return report(node, before, session.latest, false);
  let seen = '';
  let since: Monotonic | undefined;
  const end = await session.until((snapshot, now) => {
    const left = heldBy(snapshot, node);
    const pending = waitsFor(snapshot, watched);
    const isKnown = phaseOf(snapshot, node) === 'Maintenance' || phaseOf(snapshot, node) === 'Unreachable';
    if (isKnown && left.length === 0 && !pending) return snapshot;
    const text = JSON.stringify([left, pending, phaseOf(snapshot, node)]);
    if (text !== seen) [seen, since] = [text, now];
    const isCalm = since !== undefined && now - since >= CALM_MS;
    return isCalm && isKnown && !pending ? snapshot : undefined;
  }, timeoutMs);
  return report(node, before, end ?? session.latest, end !== undefined);
}

/** What a drain would move and leave, by the same decision that the master takes. */
export function drainDryRun(snapshot: SourceSnapshot, node: NodeName): DrainReport {
  const told = whatMoves(snapshot, { drained: new Set([node]) }).moves.filter(({ from }) => from === node);
  const moving = told.filter(({ to }) => to !== node);
  const staying = told.filter(({ to }) => to === node);
  return {
    node,
    dryRun: true,
    moved: moving.map(({ vip, to, toNextMaster, ...rest }) => {
      if (to !== undefined) return { address: vip, to };
      return toNextMaster ? { address: vip, toNextMaster } : { address: vip, ...why(rest) };
    }),
    stayed: staying.map(({ vip, ...rest }) => ({ address: vip, ...why(rest) })),
    finished: true,
  };
}

function report(
  node: NodeName,
  before: readonly Binding[],
  snapshot: SourceSnapshot | undefined,
  finished: boolean,
): DrainReport {
  const now = new Map(snapshot ? bindingsIn(snapshot).map((binding) => [binding.address, binding]) : []);
  const left = snapshot ? heldBy(snapshot, node) : before;
  const moved = before.flatMap(({ address }) => {
    if (left.some((item) => item.address === address)) return [];
    const found = now.get(address);
    const isThere = found?.node !== undefined && found.state === 'Bound';
    return [{ address, ...(isThere ? { to: found.node } : found && why(found)) }];
  });
  // What is still there, for whatever reason it came, is there because the checks of all others fail.
  const isKept = ({ reason }: Binding): boolean => finished && ADVICE[reason as Reason] === undefined;
  const stayed = left.map((item) => ({
    address: item.address,
    ...why(isKept(item) ? { reason: Reason.CheckFailed } : item),
  }));
  return { node, dryRun: false, moved, stayed, finished };
}

const bindingsIn = ({ pools }: SourceSnapshot): Binding[] => pools.flatMap(({ status }) => status?.bindings ?? []);

const heldBy = (snapshot: SourceSnapshot, node: string): Binding[] =>
  bindingsIn(snapshot).filter((binding) => binding.node === node && binding.state !== 'Unassigned');

const isLeaving = ({ state }: Binding): boolean => state === 'Releasing';

/** Whether some of these VIPs are on their way. */
function waitsFor(snapshot: SourceSnapshot, vips: readonly Binding[]): boolean {
  const watched = new Set(vips.map(({ address }) => address));
  return bindingsIn(snapshot).some(
    ({ address, state, reason }) =>
      watched.has(address) && state !== 'Bound' && !(state === 'Unassigned' && ADVICE[reason as Reason] !== undefined),
  );
}

const phaseOf = ({ nodes }: SourceSnapshot, node: string): string | undefined =>
  nodes.find(({ name }) => name === node)?.status?.phase;

/** Why a VIP is where it is. */
function why({ reason, message }: { readonly reason: string; readonly message?: string | undefined }): Why {
  const advice = ADVICE[reason as Reason] ?? REASON_WORDS[reason] ?? reason;
  return { reason, message: message === undefined ? advice : `${message}: ${advice}` };
}
