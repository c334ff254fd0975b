/** One fault, once. */
import type { Seen } from '../lib/observer.ts';
import { now, sleep } from '../lib/wait.ts';
import type { Fault, Roles, Scene, SystemName } from './fault.ts';

/** What client and wire saw, milliseconds. */
export interface Trial {
  readonly outageMs: number;
  readonly twoHoldersMs: number;
  readonly returnOutageMs: number;
  /** VIPs that nobody answered for, or still the host that they had to leave, until the fault was healed. */
  readonly unanswered: readonly string[];
  /** From the end of the fault until every VIP that left was home. Only where VIPs have to leave. */
  readonly homeMs?: number;
  /** Moves beside the one away and the one home of each VIP that has to leave. Only where VIPs have to leave. */
  readonly extraMoves?: number;
  /** What kept the system from becoming healthy again. */
  readonly failure?: string;
}

/** Longer than what every system does periodically, so that faults hit each phase of it alike. */
const PHASE_MS = 1_000;
const CALM_MS = 200;
/** After the bound: what comes late, such as a second change of holders, is seen as well. */
const AFTERMATH_MS = 500;
/** CTDB's default misses a silent host after 30 s. */
const PATIENCE_MS: Readonly<Record<SystemName, number>> = { vippool: 5_000, keepalived: 5_000, ctdb: 60_000 };
const POLL_MS = 50;
/** After a change of holders clients of keepalived may lack one of them for some seconds. */
const WHOLE_WITHIN_MS = 20_000;

/** VIPs that have to leave a host. */
interface Leaving {
  readonly host: string;
  readonly vips: readonly string[];
}

/**
 * On a healthy scene, which is healthy again afterwards unless the trial tells a failure.
 *
 * @param watchMs how long a fault lasts at least.
 * @param system which one it is, since some need more patience. Default vippool.
 * @throws Error where the scene was not whole before.
 */
export async function tryOnce(
  scene: Scene,
  fault: Fault,
  watchMs: number,
  system: SystemName = 'vippool',
): Promise<Trial> {
  const { observer } = scene;
  const roles = await scene.roles();
  await fault.prepare?.(scene, roles);
  await requireAnswers(scene);
  const leaving = await leavingFor(scene, fault, roles);
  const before = observer.mark();
  await sleep(PHASE_MS * Math.random());
  const mark = observer.mark();
  const heal = await fault.inflict(scene, roles);
  await sleep(Math.max(0, mark + watchMs - now()));
  const unanswered = await stillUnanswered(scene, mark, leaving, PATIENCE_MS[system]);
  await sleep(AFTERMATH_MS);
  const during = await observer.since(mark);
  const master = fault.newMaster ? (await scene.roles()).master : undefined;
  const healing = observer.mark();
  await heal();
  const healed = observer.mark();
  const failure = await scene.healthy().then(
    () => (master === roles.master ? `${master} is still the master` : undefined),
    (error: unknown) => String(error),
  );
  const after = await observer.since(healing);
  return {
    outageMs: Math.max(during.worstOutage, fault.behind && leaving ? untilLeft(during, leaving, mark, healing) : 0),
    twoHoldersMs: Math.max(during.twoHoldersMs, after.twoHoldersMs),
    returnOutageMs: after.worstOutage,
    unanswered,
    ...(leaving ? { ...homeComing(after, leaving, healed), ...moves(await observer.since(before), leaving) } : {}),
    ...(failure === undefined ? {} : { failure }),
  };
}

async function leavingFor({ observer }: Scene, { leaves }: Fault, roles: Roles): Promise<Leaving | undefined> {
  if (leaves === undefined) return undefined;
  const host = roles[leaves];
  const vips = [...(await observer.holders())].flatMap(([vip, hosts]) => (hosts.join() === host ? [vip] : []));
  return { host, vips };
}

/** Until the last of them was answered by another host. */
const untilLeft = (seen: Seen, { host, vips }: Leaving, mark: number, end: number): number =>
  Math.max(0, ...vips.map((vip) => (seen.answeredElsewhere(vip, host) ?? end) - mark));

/** Nothing where one of them did not come home. */
function homeComing(seen: Seen, { host, vips }: Leaving, healed: number): Pick<Trial, 'homeMs'> {
  const times = vips.map((vip) => (seen.answeredSince(vip, host) ?? Number.POSITIVE_INFINITY) - healed);
  const homeMs = Math.max(0, ...times);
  return Number.isFinite(homeMs) ? { homeMs } : {};
}

const moves = (seen: Seen, { vips }: Leaving): Pick<Trial, 'extraMoves'> => ({
  extraMoves: seen.moves - 2 * vips.length,
});

/** A fault is only worth a measurement where every VIP has been answered for a while, by one host. */
async function requireAnswers({ observer }: Scene): Promise<void> {
  const end = now() + WHOLE_WITHIN_MS;
  for (;;) {
    const mark = observer.mark();
    await sleep(CALM_MS);
    const { worstOutage, twoHoldersMs } = await observer.since(mark);
    if (worstOutage === 0 && twoHoldersMs === 0) return;
    if (now() > end) {
      const outage = worstOutage.toFixed(0);
      throw new Error(`not whole before the fault: ${outage} ms without an answer, two holders ${twoHoldersMs} ms`);
    }
  }
}

/** Some faults leave VIPs without an answer, or where they were, until they are healed: which, after some patience. */
async function stillUnanswered(
  { observer }: Scene,
  mark: number,
  leaving: Leaving | undefined,
  patienceMs: number,
): Promise<readonly string[]> {
  const end = now() + patienceMs;
  for (;;) {
    const seen = await observer.since(mark);
    const stayed = leaving?.vips.filter((vip) => seen.answeredElsewhere(vip, leaving.host) === undefined) ?? [];
    const open = [...new Set([...seen.silent, ...stayed])];
    if (open.length === 0 || now() >= end) return open;
    await sleep(POLL_MS);
  }
}
