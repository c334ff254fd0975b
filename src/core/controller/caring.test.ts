import { describe, expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { checkState, healthReport, link, n } from '../../testing/core-builders.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import { poolName } from '../ids.ts';
import type { PoolManifest, NodeRecord } from '../manifest.ts';
import type { ControllerMessage } from '../messages.ts';

const ALL = ['c1', 'c2', 'c3'];

const manifest = (generation: number, checks: readonly object[], names: readonly string[] = ['s0']): PoolManifest => ({
  name: poolName('nas'),
  uid: 'u',
  generation,
  createdAt: '2026-01-01T00:00:00Z',
  deleting: false,
  spec: { addresses: ['192.0.2.1'], interface: { names }, health: { checks } },
  status: undefined,
});
const NFS = { name: 'nfs', type: 'nfs' };
const declared = (spec: object): NodeRecord => ({ name: n('node-1'), spec, status: undefined });

type Config = ControllerMessage & { kind: 'config' };
/** Who sent which configuration to the agent, in order. */
const configs = ({ told }: Controllers): (Config & { id: string; at: number; session: number })[] =>
  told.flatMap(({ id, at, session, message }) => (message.kind === 'config' ? [{ ...message, id, at, session }] : []));

/** A pool with a check, c1 as master and one node that has its lease. */
function settled(): { c: Controllers; agent: LeasingAgent } {
  const c = new Controllers(3).startAll();
  c.declare({ pools: [manifest(1, [NFS])] });
  c.run(3_000);
  const agent = new LeasingAgent(c, 'node-1', 1);
  agent.greet(...ALL);
  agent.keep(1_000, ...ALL);
  return { c, agent };
}

describe('what nodes are told to check', () => {
  it('C3 comes from the master alone, once, at once on a new stream and at once with every edit', () => {
    const { c, agent } = settled();
    expect(configs(c)).toMatchObject([{ id: 'c1', version: 1, checks: [{ name: 'nfs' }] }]);
    const edited = c.now;
    c.declare({ pools: [manifest(2, [NFS, { name: 'smb', type: 'smb' }])] });
    c.declare({ pools: [manifest(2, [NFS, { name: 'smb', type: 'smb' }])], nodes: [declared({ logLevel: 'debug' })] });
    agent.keep(10_000, ...ALL);
    expect(configs(c).slice(1)).toMatchObject([
      { at: edited, version: 2, checks: [{ name: 'nfs' }, { name: 'smb' }], logLevel: undefined },
      { at: edited, version: 3, logLevel: 'debug' },
    ]);
    const returning = new LeasingAgent(c, 'node-1', 2);
    returning.greet(...ALL);
    expect(configs(c).slice(3)).toMatchObject([{ session: 2, at: c.now, version: 3 }]);
  });

  it('names the interface of a pool to a node that holds none of its VIPs, and tells when it is another one', () => {
    const c = new Controllers(3).startAll();
    const gateway = { name: 'gateway', type: 'gateway', address: '192.0.2.254' };
    c.declare({ pools: [manifest(1, [gateway, NFS], ['s1', 's0'])] });
    c.run(3_000);
    const agent = new LeasingAgent(c, 'node-1', 1);
    agent.greet(...ALL);
    agent.keep(1_000, ...ALL);
    const interfaces = [link(), link({ name: 's1', addresses: ['198.51.100.1/24'] })];
    for (const id of ALL) c.agentSays(id, 1, { kind: 'health', ...healthReport({ number: 2, interfaces }) });
    agent.keep(1_000, ...ALL);
    expect(configs(c).map((config) => [...config.serviceInterfaces])).toEqual([[['nas', ['s0']]], [['nas', ['s1']]]]);
  });

  it('is told by the next master in a term of its own', () => {
    const { c, agent } = settled();
    c.resign('c1');
    agent.keep(1_000, ...ALL);
    const [first, ...rest] = configs(c);
    expect(rest).toHaveLength(1);
    expect(rest[0]?.id).not.toBe('c1');
    expect(rest[0]?.term.number).toBeGreaterThan(first?.term.number ?? Infinity);
  });
});

describe('the past of a node', () => {
  it('is known to the next master: what flapped under the last one is held off', () => {
    const { c, agent } = settled();
    let number = 1;
    const report = (state: 'Passing' | 'Failing'): void => {
      const message = {
        kind: 'health',
        ...healthReport({ number: ++number, checks: [checkState('nfs', state, { sinceMs: 0 })] }),
      } as const;
      for (const id of ALL) c.agentSays(id, 1, message);
      agent.keep(1_000, ...ALL);
    };
    report('Passing');
    report('Failing');
    report('Passing');
    report('Failing');
    c.crash('c1');
    agent.keep(2_000, 'c2', 'c3');
    const [master = ''] = c.masters();
    c.agentSays(master, 1, { kind: 'health', ...healthReport({ number: ++number, checks: [checkState('nfs')] }) });
    agent.keep(1_000, 'c2', 'c3');
    const standing = c.state(master).care.book.get(poolName('nas'))?.nodes.get(n('node-1'));
    expect(standing).toMatchObject({ fault: { times: 2, isBad: true } });
    expect(standing?.heldOffUntil).toBeGreaterThan(c.now + 25_000);
  });
});
