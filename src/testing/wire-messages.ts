import type { ElectorateName } from '../core/electorate.ts';
import { controllerId, epoch, incarnation, nodeName, poolName, vipAddress } from '../core/ids.ts';
import type { AgentMessage, ControllerMessage, LeaseName } from '../core/messages.ts';
import type { Term } from '../core/term.ts';

/** Messages for tests of the wire; only what tells one from the next can be chosen. */
const LEASE: LeaseName = { incarnation: incarnation('life-1'), epoch: epoch(1) };
const TERM: Term = {
  number: 1,
  instance: { id: controllerId('c1'), priority: 1, address: '10.0.0.1', nonce: 'n1' },
};

export const hello = (node: string): AgentMessage => ({
  kind: 'hello',
  node: nodeName(node),
  machineId: 'machine',
  bootId: 'boot',
  lease: LEASE,
  leaseHeldMs: 0,
  labels: { role: 'nas' },
  agentVersion: '0.1.0',
  electorate: '1:0a1b2c3d' as ElectorateName,
  witnessAddress: '',
  answersMulticast: false,
});

export const heartbeat = (sequence: number): AgentMessage => ({
  kind: 'heartbeat',
  sequence,
  lease: LEASE,
  leaseValid: true,
  highestTerm: TERM,
  electorate: 1,
  restsOn: 1,
});

export const ack = (sequence: number): ControllerMessage => ({
  kind: 'ack',
  sequence,
  term: TERM,
  master: controllerId('c1'),
  electorate: 1,
});

export const assignment = (version: number, vips = 1): ControllerMessage & { kind: 'assignment' } => ({
  kind: 'assignment',
  term: TERM,
  version,
  node: nodeName('node-a'),
  lease: LEASE,
  vips: Array.from({ length: vips }, (_, index) => ({
    vip: vipAddress(`10.1.${index >> 8}.${index & 255}`),
    pool: poolName('nas'),
    interface: 'eth1',
    prefixLength: 32,
    announce: { count: 5, intervalMs: 1_100, refreshMs: 0 },
  })),
  probes: [],
  holdPools: [],
});

export const config = (version: number): ControllerMessage & { kind: 'config' } => ({
  kind: 'config',
  term: TERM,
  version,
  checks: [],
  repairs: new Map(),
  logLevel: 'debug',
  neighbours: [],
  serviceInterfaces: new Map(),
});
