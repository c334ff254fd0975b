/** Why an agent has no lease, for people. */
import type { ControllerId } from '../ids.ts';
import type { NackReason } from '../messages.ts';
import type { AgentConfig, AgentState } from './agent-state.ts';

const WORDS: Readonly<Record<NackReason, string>> = {
  Revoked: 'the last lease has ended there; the next one is asked for',
  Abstaining: 'started a moment ago without memory',
  Standby: 'is not the master, and of one or two controllers the master alone acknowledges',
  OtherElectorate: 'is no member of the electorate, or has not followed its last change yet',
};

/** Controllers whose answer is the same are named together. */
export function whyNoLease(state: AgentState, { controllers }: AgentConfig): string {
  const byAnswer = new Map<string, ControllerId[]>();
  for (const { id } of state.electorate?.members ?? controllers) {
    const answer = answerOf(state, id);
    byAnswer.set(answer, [...(byAnswer.get(answer) ?? []), id]);
  }
  const answers = [...byAnswer].map(([answer, ids]) => `${ids.join(', ')}: ${answer}`);
  return `no lease: no majority of the controllers acknowledges the heartbeats of this agent (${answers.join('; ')})`;
}

function answerOf({ connected, refusals }: AgentState, id: ControllerId): string {
  if (!connected.has(id)) return 'not connected';
  const refusal = refusals.get(id);
  return refusal === undefined ? 'connected' : `${refusal}, ${WORDS[refusal]}`;
}
