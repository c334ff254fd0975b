import { type Check, type CheckProbe, checkName } from '../core/checks.ts';
import { poolName, vipAddress } from '../core/ids.ts';
import type { ProbeContext } from '../ports/check-probe.ts';

/** What a probe is told about check `app` of pool `web` on node `node-a`, which holds two VIPs. */
export const contextOf = (change: Partial<ProbeContext> = {}): ProbeContext => ({
  node: 'node-a',
  pool: poolName('web'),
  check: 'app',
  role: 'Holder',
  vips: [vipAddress('192.0.2.1'), vipAddress('2001:db8::1')],
  timeoutMs: 1_000,
  ...change,
});

/** A check of pool `web`, every 2 s with 1 s of time. */
export const checkOf = (name: string, probe: CheckProbe, change: Partial<Check> = {}): Check => ({
  pool: poolName('web'),
  name: checkName(name),
  intervalMs: 2_000,
  timeoutMs: 1_000,
  fall: 2,
  rise: 2,
  severity: 'Fail',
  penalty: 50,
  role: 'Any',
  probe,
  ...change,
});
