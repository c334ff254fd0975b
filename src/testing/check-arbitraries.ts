/** Checks, what they found and how they are run, for tests of the codecs. */
import fc from 'fast-check';
import type { CheckState, NetworkState, NodeConfig } from '../core/check-state.ts';
import { type Check, checkName, type CheckProbe } from '../core/checks.ts';
import type { Repair } from '../core/health-spec.ts';
import { poolName } from '../core/ids.ts';
import type { Reach } from '../core/neighbours.ts';

const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
const pool = name.map(poolName);
const path = name.map((text) => `/${text}`);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | ''> => fc.oneof(fc.constant('' as const), value);
const kind = <K extends string>(text: K): fc.Arbitrary<K> => fc.constant(text);
const server = {
  host: fc.oneof(name, fc.ipV4(), fc.ipV6()),
  port: fc.integer({ min: 1, max: 65_535 }),
};
const command = fc.array(path, { minLength: 1, maxLength: 16 });
const statuses = fc
  .tuple(fc.integer({ min: 100, max: 599 }), fc.integer({ min: 100, max: 599 }))
  .map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]);
const ms = fc.double({ min: 0, max: 1e12, noNaN: true }).map((value) => value + 0);

const probe: fc.Arbitrary<CheckProbe> = fc.oneof(
  fc.record({ type: kind('tcp'), ...server }),
  fc.record({
    type: kind('http'),
    url: name.map((text) => `http://${text}/`),
    statuses,
    contains: fc.string(),
    verifyTls: fc.boolean(),
  }),
  fc.record({ type: kind('exec'), command }),
  fc.record({ type: kind('scripts'), directory: path }),
  fc.record({ type: kind('process'), process: name, pidFile: maybe(path) }),
  fc.record({ type: kind('interface'), interface: maybe(name) }),
  fc.record({ type: kind('gateway'), address: maybe(fc.ipV4()), interface: maybe(name) }),
  fc.record({ type: kind('mount'), path, fsType: maybe(name), writable: fc.boolean() }),
  fc.record({ type: kind('device'), path }),
  fc.record({ type: kind('nfs'), ...server, versions: fc.constantFrom<(3 | 4)[]>([3], [4], [3, 4]) }),
  fc.record({ type: kind('smb'), ...server }),
  fc.record({
    type: kind('postgres'),
    ...server,
    role: fc.constantFrom('Any', 'Primary', 'Standby'),
    user: name,
    database: name,
    passwordFile: maybe(path),
  }),
);

const check: fc.Arbitrary<Check> = fc
  .record({
    pool,
    name: name.map(checkName),
    intervalMs: fc.integer({ min: 1, max: 3_600_000 }),
    timeoutMs: fc.integer({ min: 1, max: 3_600_000 }),
    fall: fc.integer({ min: 1, max: 100 }),
    rise: fc.integer({ min: 1, max: 100 }),
    severity: fc.constantFrom('Fail', 'Degrade'),
    penalty: fc.integer({ min: 1, max: 100 }),
    role: fc.constantFrom('Any', 'Holder', 'Standby'),
    probe,
  })
  .map((drawn) => ({ ...drawn, timeoutMs: Math.min(drawn.timeoutMs, drawn.intervalMs) }));

const repair: fc.Arbitrary<Repair> = fc.record({
  command,
  attempts: fc.integer({ min: 1, max: 10 }),
  deadlineMs: fc.integer({ min: 1, max: 600_000 }),
  windowMs: fc.integer({ min: 0, max: 86_400_000 }),
});

const perCheck = <T extends { readonly pool: string; readonly name: string }>(value: fc.Arbitrary<T>) =>
  fc.uniqueArray(value, { maxLength: 5, selector: (item) => `${item.pool} ${item.name}` });

export const checkStates: fc.Arbitrary<CheckState[]> = perCheck(
  fc.record({
    pool,
    name: name.map(checkName),
    state: fc.constantFrom('Passing', 'Failing', 'Pending', 'Unknown', 'Idle'),
    output: fc.string({ maxLength: 200 }),
    durationMs: ms,
    sinceMs: ms,
    repairing: fc.boolean(),
  }),
);

export const networkStates: fc.Arbitrary<NetworkState> = fc.record({
  reachable: fc.boolean(),
  rttMs: fc.option(ms, { nil: undefined }),
  message: fc.string(),
});

const interfaceName = fc.constantFrom('eth1', 'bond0', 'br-svc.7');
export const addresses = fc.array(fc.constantFrom('192.0.2.7', '2001:db8::7'), { maxLength: 4 });
const perInterface = <T extends { readonly interface: string }>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.uniqueArray(item, { maxLength: 3, selector: (one) => one.interface });

export const reaches: fc.Arbitrary<Reach[]> = perInterface(
  fc.record({
    interface: interfaceName,
    state: fc.constantFrom('Alone', 'Unknown', 'Answered', 'Suspect', 'Silent'),
  }),
);

/** All but the term. */
export const checkConfigs: fc.Arbitrary<Omit<NodeConfig, 'term'>> = fc.record({
  version: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  checks: perCheck(check),
  repairs: fc.array(fc.tuple(pool, repair), { maxLength: 3 }).map((entries) => new Map(entries)),
  logLevel: fc.constantFrom('debug', 'info', 'warn', 'error', undefined),
  neighbours: perInterface(fc.record({ interface: interfaceName, peers: addresses, watched: addresses })),
  serviceInterfaces: fc
    .array(fc.tuple(pool, fc.uniqueArray(interfaceName, { minLength: 1, maxLength: 3 })), { maxLength: 3 })
    .map((entries) => new Map(entries)),
});
