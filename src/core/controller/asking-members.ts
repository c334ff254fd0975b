/**
 * The rounds of multicast questions of a master, and what their verdicts do. With one or two controllers the lock alone
 * decides who is master, and one that is cut off only says so.
 */
import type { NodeName } from '../ids.ts';
import { sameSet } from '../same-set.ts';
import type { Monotonic } from '../time.ts';
import type { ControllerConfig, ControllerEffect, ControllerState, ControllerStep } from './controller-state.ts';
import { bestSuccessor, byVotes, resign } from './mandate.ts';
import {
  memberAnswered,
  type MemberProbe,
  memberProbeWakeAt,
  membersAsked,
  membersJudged,
  newMemberProbe,
} from './member-probe.ts';

export const askingWakeAt = ({ memberProbe }: ControllerState): Monotonic =>
  memberProbe ? memberProbeWakeAt(memberProbe) : (Number.POSITIVE_INFINITY as Monotonic);

export function askMembers(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const { master, memberProbe: known } = state;
  if (config.asksMembers !== true) return [state, []];
  if (!master) return [known ? withProbe(state, undefined) : state, []];
  const probe = known?.term === master.term ? known : newMemberProbe(master.term, now);
  const judged = now >= probe.judgeAt ? membersJudged(probe, state.nodes, now, config.timing) : probe;
  const told = judged.verdict === probe.verdict && sameSet(judged.mute, probe.mute) ? [] : [verdictLog(judged)];
  if (judged.verdict === 'isolated' && byVotes(state)) {
    const reason = 'no node answers multicast, and no majority of them is heard: this host is cut off';
    const [next, effects] = resign(withProbe(state, undefined), reason, bestSuccessor(state, config), now, config);
    return [next, [...told, ...effects]];
  }
  if (now < judged.askAt) return [judged === known ? state : withProbe(state, judged), told];
  const asked = membersAsked(judged, now, config.timing);
  return [withProbe(state, asked), [...told, { kind: 'ask-members', term: master.term }]];
}

export function answered(state: ControllerState, node: NodeName, address: string): ControllerState {
  const { memberProbe } = state;
  const next = memberProbe && memberAnswered(memberProbe, state.nodes, node, address);
  return next ? { ...state, memberProbe: next } : state;
}

const NOBODY: ReadonlySet<NodeName> = new Set();

function withProbe(state: ControllerState, memberProbe: MemberProbe | undefined): ControllerState {
  const mute = memberProbe?.mute ?? NOBODY;
  if (sameSet(mute, state.care.mute)) return { ...state, memberProbe };
  return { ...state, memberProbe, care: { ...state.care, mute }, dirty: true };
}

function verdictLog({ verdict, mute }: MemberProbe): ControllerEffect {
  const log = (level: 'info' | 'warn', message: string, fields = {}): ControllerEffect => ({
    kind: 'log',
    level,
    message,
    fields,
  });
  switch (verdict) {
    case 'fine':
      return log('info', 'every node answers multicast');
    case 'some-silent':
      return log('warn', 'nodes do not answer multicast, and others do', { nodes: [...mute] });
    case 'no-multicast':
      return log('warn', 'no node answers multicast, but heartbeats arrive: the network does not carry it');
    case 'isolated':
      return log('warn', 'no node answers multicast, and heartbeats do not arrive: this host is cut off');
  }
}
