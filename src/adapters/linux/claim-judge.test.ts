import { expect, test } from '@jest/globals';
import { vipAddress } from '../../core/ids.ts';
import { monotonic } from '../../core/time.ts';
import { gratuitousArp } from './arp-frame.ts';
import { ClaimJudge } from './claim-judge.ts';
import { HostState } from './host-state.ts';

const VIP = { vip: vipAddress('192.0.2.50'), interface: 'svc0', prefixLength: 32 };
const OWN = Uint8Array.of(2, 0, 0, 0, 0, 1);
const macOf = (last: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, last);

function judging(bound: boolean) {
  const state = new HostState();
  const link = { ifindex: 4, name: 'svc0', mac: OWN, ethernet: true, carrier: true };
  state.applyLink({ kind: 'present', link });
  state.applyLink({ kind: 'present', link: { ...link, ifindex: 5, name: 'lan0', mac: macOf(2) } });
  const address = { ifindex: 4, ip: VIP.vip, family: 4, prefixLength: 32, protocol: 0x56, flags: 0 } as const;
  if (bound) state.applyAddress({ kind: 'added', address });
  const judge = new ClaimJudge();
  const hear = (mac: number, at: number, name = 'svc0') => {
    const [frame = OWN] = gratuitousArp(macOf(mac), Uint8Array.of(192, 0, 2, 50));
    return judge.judge(state, name, Buffer.from(frame), () => monotonic(at));
  };
  return { judge, hear };
}
const claimed = (mac: number) => ({
  kind: 'claimed',
  vip: VIP.vip,
  interface: 'svc0',
  mac: `02:00:00:00:00:0${mac}`,
});

test('a claim to a bound VIP is news, on its own interface', () => {
  const { hear } = judging(true);
  expect(hear(9, 0)).toEqual(claimed(9));
  expect(hear(9, 0, 'lan0')).toBeUndefined();
  expect(judging(false).hear(9, 0)).toBeUndefined();
});

test('what comes from any interface of this host is none', () => {
  const { hear } = judging(true);
  expect([hear(1, 0), hear(2, 0)]).toEqual([undefined, undefined]);
});

test('an answer counts for a second after the question', () => {
  const { judge, hear } = judging(false);
  judge.probed([VIP], monotonic(1_000));
  expect(hear(9, 2_000)).toEqual(claimed(9));
  expect(hear(9, 2_001)).toBeUndefined();
  judge.probed([VIP], monotonic(3_000));
  expect(hear(9, 3_500, 'lan0')).toBeUndefined();
  expect(hear(9, 3_500)).toEqual(claimed(9));
});

test('each MAC is told once in 100 ms, and a new question is answered anew', () => {
  const { judge, hear } = judging(true);
  expect(hear(9, 0)).toEqual(claimed(9));
  expect(hear(9, 99)).toBeUndefined();
  expect(hear(8, 99)).toEqual(claimed(8));
  expect(hear(9, 100)).toEqual(claimed(9));
  judge.probed([VIP], monotonic(101));
  expect(hear(9, 102)).toEqual(claimed(9));
  expect(hear(9, 103)).toBeUndefined();
});

test('a flood of invented MACs is cut off', () => {
  const { hear } = judging(true);
  const told = Array.from({ length: 200 }, (_, index) => hear(10 + index, 50)).filter(Boolean);
  expect(told).toHaveLength(4);
  expect(hear(9, 150)).toEqual(claimed(9));
});
