/** Agents and controllers find one another by names, and go on by what they remember where nobody answers for them. */
import { abstentionMs } from '../../../src/core/timing.ts';
import { sleep, waitFor } from '../../lib/wait.ts';
import type { Roles } from '../../matrix/fault.ts';
import { handover, takeover } from '../../matrix/promises.ts';
import type { Client } from '../client.ts';
import { type Pod, podsOf } from '../pods.ts';
import { AGENT_METRICS_PORT, metricsOf, NAMESPACE } from '../release.ts';
import type { ClusterFault } from './fault.ts';
import { refusalOf } from './refused.ts';
import type { ClusterScene } from './scene.ts';

const RESTARTED_WITHIN_MS = 120_000;
/** Of a controller that is there again: agents try every half a second, but a node that has just got its power boots. */
const FOUND_WITHIN_MS = 60_000;
const POLL_MS = 500;
/** Without DNS, before anything else happens: what was looked up a moment ago is not asked for again. */
const FORGOTTEN_MS = 3_000;

/** What is to be done on a cluster of this size. */
export interface DnsPlan {
  /** Pod that starts anew. */
  readonly restarted: string;
  /** Whether it has to start on another node, so with another address. */
  readonly moves: boolean;
  /** Where it runs now. */
  readonly from: string;
}

export const DNS_DOWN: ClusterFault = {
  name: 'dns-down',
  does: 'the DNS of the cluster does not answer; a controller starts anew, then power off for a holder',
  heals: 'DNS answers again, then power on',
  promised: takeover,
  promisedBack: handover,
  async inflict(scene, roles) {
    const { observer, lab, findings, kube } = scene;
    const mark = observer.mark();
    const back = scene.dnsAway();
    await sleep(Math.max(scene.awayMs, FORGOTTEN_MS));
    const before = await podsOf(kube.client, 'controller');
    const plan = planOf(before, roles, lab.hosts.size);
    await restart(kube.client, plan);
    // One with another address is only found when somebody says where.
    if (!plan.moves) findings.push(...(await foundAgain(scene, plan.restarted)));
    await sleep(abstentionMs(scene.timing));
    const { worstOutage, twoHoldersMs } = await observer.since(mark);
    if (worstOutage > 0 || twoHoldersMs > 0) {
      findings.push(`without DNS: ${worstOutage.toFixed(0)} ms without an answer, two holders ${twoHoldersMs} ms`);
    }
    const host = lab.host(
      victimOf([...before, ...(await podsOf(kube.client, 'controller'))], roles, plan, [...lab.hosts.keys()]),
    );
    await host.powerOff();
    return async () => {
      back();
      host.powerOn();
      findings.push(...(await foundAgain(scene, plan.restarted)));
    };
  },
};

/** Neither the master nor, where that would leave no majority, the controller of the holder. Pure. */
export function planOf(
  controllers: readonly Pick<Pod, 'name' | 'node'>[],
  { master, holder }: Roles,
  nodes: number,
): DnsPlan {
  const moves = nodes > controllers.length;
  const found = controllers.find(({ node }) => node !== master && (moves || node !== holder));
  if (!found) throw new Error('no controller beside those of the master and the holder');
  return { restarted: found.name, moves, from: found.node };
}

/**
 * A controller that has moved is found by nobody, so it is missing already: then the lost holder is one without any.
 * Pure. @param controllers before and after.
 */
export function victimOf(
  controllers: readonly Pick<Pod, 'node'>[],
  { holder }: Roles,
  { moves }: DnsPlan,
  nodes: readonly string[],
): string {
  if (!moves) return holder;
  const free = nodes.find((name) => !controllers.some(({ node }) => node === name));
  if (free === undefined) throw new Error('every node has a controller');
  return free;
}

/** Heartbeats of an agent that a controller has acknowledged. Pure. @param metrics as the agent tells them. */
export function acknowledged(metrics: string, controller: string): number {
  const line = new RegExp(
    `^vippool_heartbeat_round_trip_seconds_count\\{[^}]*controller="${controller}"[^}]*\\} (\\d+)`,
    'm',
  );
  return Number(line.exec(metrics)?.[1] ?? 0);
}

/** Resolves when the pod runs again. */
async function restart(client: Client, { restarted, moves, from }: DnsPlan): Promise<void> {
  const old = (await podsOf(client, 'controller')).find(({ name }) => name === restarted)?.uid;
  if (moves) await client.kubectl(['cordon', from]);
  await client.kubectl(['-n', NAMESPACE, 'delete', 'pod', restarted, '--timeout=60s']);
  const isBack = async (): Promise<boolean> => {
    await sleep(POLL_MS);
    return (await podsOf(client, 'controller')).some(
      ({ name, uid, isRunning }) => name === restarted && uid !== old && isRunning,
    );
  };
  await waitFor(`${restarted} to run again`, isBack, RESTARTED_WITHIN_MS);
  if (moves) await client.kubectl(['uncordon', from]);
}

/** Empty where every agent is heard by this controller, before long. */
async function foundAgain({ lab }: ClusterScene, controller: string): Promise<readonly string[]> {
  const counts = (): Promise<number[]> =>
    Promise.all(
      [...lab.hosts.values()].map(async (host) => acknowledged(await metricsOf(host, AGENT_METRICS_PORT), controller)),
    );
  const before = await counts();
  const isHeard = async (): Promise<boolean> => {
    await sleep(POLL_MS);
    // An agent that has just started counts from the beginning.
    return (await counts()).every((count, index) => count > 0 && count !== before[index]);
  };
  const reason = await refusalOf(waitFor(`every agent to be heard by ${controller}`, isHeard, FOUND_WITHIN_MS));
  return reason === undefined ? [] : [reason];
}
