/** Defaults for tests of core: each builder takes what a test cares about. */
import { type CheckState, UNMEASURED } from '../core/check-state.ts';
import { checkName, type Check } from '../core/checks.ts';
import type { ControllerConfig } from '../core/controller/controller-state.ts';
import type { NodeReport } from '../core/controller/status-report.ts';
import {
  controllerId,
  epoch,
  incarnation,
  nodeName,
  poolName,
  type NodeName,
  type VipAddress,
  vipAddress,
} from '../core/ids.ts';
import type { Electorate } from '../core/electorate.ts';
import { NO_HEALTH } from '../core/health-spec.ts';
import type { AppliedReport, HealthReport, HeldVip, InterfaceState, LeaseName } from '../core/messages.ts';
import { NO_FLAPS } from '../core/node-flaps.ts';
import type { NodeEntry } from '../core/node-table.ts';
import { NO_RULES } from '../core/placement/rules.ts';
import type { Pool } from '../core/pool.ts';
import type { Instance, Term } from '../core/term.ts';
import { monotonic, NEVER } from '../core/time.ts';
import { TIMING_PROFILES } from '../core/timing.ts';

export const n = (text: string): NodeName => nodeName(text);
export const v = (text: string): VipAddress => vipAddress(text);
export const vips = (count: number): VipAddress[] => Array.from({ length: count }, (_, i) => v(`192.0.2.${i + 1}`));

export const instance = (id: string, over: Partial<Instance> = {}): Instance => ({
  id: controllerId(id),
  priority: 0,
  address: '10.0.0.1',
  nonce: `nonce-${id}`,
  ...over,
});

export const term = (number: number, id = 'c1'): Term => ({ number, instance: instance(id) });

export const lease = (life = 'life-1', number = 1): LeaseName => ({
  incarnation: incarnation(life),
  epoch: epoch(number),
});

/** Controllers c1 to c`count`, whose addresses grow with their numbers. */
export const electorate = (count: number): Electorate => ({
  version: 1,
  members: Array.from({ length: count }, (_, i) => ({
    id: controllerId(`c${i + 1}`),
    address: `10.0.0.${i + 1}:7400`,
  })),
});

/** Of controller c1 among three, with the default timing. */
export const controllerConfig = (): ControllerConfig => {
  const self = instance('c1');
  const { members } = electorate(3);
  return {
    self,
    node: n('node-of-c1'),
    bootId: 'boot',
    address: '10.0.0.1:7400',
    controllers: members,
    timing: TIMING_PROFILES.Default,
    election: { self, ttlMs: 3_000, marginMs: 500, pollMs: 500 },
  };
};

export const applied = (node: string, over: Partial<AppliedReport> = {}): AppliedReport => ({
  lease: lease(`life-of-${node}`),
  term: undefined,
  version: 0,
  held: [],
  refused: [],
  rivals: [],
  holds: [],
  ...over,
});

export const held = (vip: VipAddress, pool = 'nas'): HeldVip => ({
  vip,
  pool: poolName(pool),
  interface: 's0',
  prefixLength: 32,
});

export const pool = (over: Partial<Pool> = {}): Pool => ({
  name: poolName('nas'),
  generation: 1,
  createdAt: '2026-01-01T00:00:00Z',
  vips: vips(6),
  interface: { kind: 'names', names: ['s0'] },
  prefixLength: { 4: 32, 6: 128 },
  nodeSelector: {},
  homes: new Map(),
  placement: NO_RULES,
  failback: { policy: 'Automatic', delayMs: 30_000 },
  announce: { count: 5, intervalMs: 1_100, refreshMs: 0 },
  health: NO_HEALTH,
  onQuorumLoss: 'Release',
  ...over,
});

export const link = (over: Partial<InterfaceState> = {}): InterfaceState => ({
  name: 's0',
  mac: '02:00:00:00:00:01',
  carrier: true,
  addresses: ['192.0.2.250/24'],
  ...over,
});

/** Of a node with one good interface and every ability, that checks nothing. */
export const healthReport = (over: Partial<HealthReport> = {}): HealthReport => ({
  number: 1,
  interfaces: [link()],
  fence: { active: true, message: '' },
  realtime: { active: true, message: '' },
  checks: [],
  management: UNMEASURED,
  service: UNMEASURED,
  reach: [],
  answering: [],
  leaving: false,
  ...over,
});

/** A node that is up, holds a lease and nothing else, and knows every term. */
export const nodeEntry = (name: string, over: Partial<NodeEntry> = {}): NodeEntry => ({
  node: n(name),
  session: 1,
  labels: {},
  leaving: false,
  ownLabels: {},
  agentVersion: '0.0.0',
  bootId: 'boot',
  lease: lease(`life-of-${name}`),
  leaseValid: true,
  highestTerm: term(1_000),
  electorate: 1,
  lastHeard: monotonic(0),
  gone: 'no',
  knockedAt: NEVER,
  restored: undefined,
  past: [],
  holds: [],
  healthNumber: 0,
  healthAt: monotonic(0),
  interfaces: [link()],
  fence: { active: true, message: 'nf_tables' },
  realtime: { active: true, message: 'SCHED_FIFO' },
  checks: [],
  management: UNMEASURED,
  service: UNMEASURED,
  reach: [],
  answering: [],
  witnessAddress: '',
  answersMulticast: false,
  applied: applied(name),
  leaseSince: monotonic(-1_000_000),
  stableSince: monotonic(-1_000_000),
  flaps: NO_FLAPS,
  ...over,
});

/** What the master reports of a node of which nothing special is known. */
export const nodeReport = (name: string, over: Partial<NodeReport> = {}): NodeReport => ({
  entry: undefined,
  silentMs: 0,
  reportedMsAgo: 0,
  leasedMs: 0,
  withoutCarrier: [],
  standings: [],
  flapping: [],
  maintenance: false,
  isMaster: false,
  isMute: false,
  record: undefined,
  problems: [],
  answering: undefined,
  term: term(1),
  ...over,
  name: nodeName(name),
});

/** A check of type nfs with every default. */
export const check = (name: string, over: Partial<Omit<Check, 'pool' | 'name'>> & { pool?: string } = {}): Check => ({
  intervalMs: 2_000,
  timeoutMs: 1_000,
  fall: 2,
  rise: 2,
  severity: 'Fail',
  penalty: 50,
  role: 'Any',
  probe: { type: 'nfs', host: '127.0.0.1', port: 2049, versions: [4] },
  ...over,
  name: checkName(name),
  pool: poolName(over.pool ?? 'nas'),
});

/** A result as a node reports it: passing for long. */
export const checkState = (
  name: string,
  state: CheckState['state'] = 'Passing',
  over: Partial<Omit<CheckState, 'pool' | 'name'>> & { pool?: string } = {},
): CheckState => ({
  state,
  output: '',
  durationMs: 1,
  sinceMs: 3_600_000,
  repairing: false,
  ...over,
  name: checkName(name),
  pool: poolName(over.pool ?? 'nas'),
});
