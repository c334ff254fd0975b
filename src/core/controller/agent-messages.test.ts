import { expect, it } from '@jest/globals';
import { controllerConfig, electorate, lease, n, nodeEntry } from '../../testing/core-builders.ts';
import { electorateName } from '../electorate.ts';
import type { AgentMessage } from '../messages.ts';
import { monotonic } from '../time.ts';
import { agentMessage } from './agent-messages.ts';
import { initialController } from './controller-state.ts';

const NOW = monotonic(10_000);
const config = controllerConfig();
const hello: AgentMessage = {
  kind: 'hello',
  node: n('node-1'),
  machineId: 'm',
  bootId: 'b',
  lease: lease('an-earlier-life'),
  leaseHeldMs: 0,
  labels: {},
  agentVersion: '1',
  electorate: electorateName(electorate(3)),
  witnessAddress: '',
  answersMulticast: false,
};

/** What becomes of that hello while session 7 speaks for the node, whose lease is over. */
const saidOn = (session: number) => {
  const entry = nodeEntry('node-1', { session: 7, gone: 'lease-ended' });
  const state = { ...initialController(NOW, config, undefined), nodes: new Map([[entry.node, entry]]) };
  const [next] = agentMessage(state, session, hello, NOW, config);
  return { lease: next.nodes.get(n('node-1'))?.lease, waiting: next.waiting.size };
};

it('lets another life of a node in once the lease of the one before is over', () => {
  expect(saidOn(8)).toEqual({ lease: lease('an-earlier-life'), waiting: 0 });
});

it('passes over words that come late, on a stream from before the present one', () => {
  expect(saidOn(6)).toEqual({ lease: lease('life-of-node-1'), waiting: 0 });
});
