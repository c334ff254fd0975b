import { beforeEach, expect, test } from '@jest/globals';
import { vipAddress } from '../../core/ids.ts';
import { addMs, type Monotonic } from '../../core/time.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { ConnectionDropper } from './connection-dropper.ts';
import type { PurgeCounts, Victims } from './connection-purge.ts';

const A = vipAddress('192.0.2.1');
const B = vipAddress('2001:db8::2');
/** The addresses as keys. */
const A_BYTES = '\xc0\0\x02\x01';
const B_BYTES = Buffer.from('20010db8000000000000000000000002', 'hex').toString('latin1');

/** A clock that also moves while steps are at work. */
class BusyClock extends VirtualClock {
  busyMs = 0;
  override now(): Monotonic {
    return addMs(super.now(), this.busyMs);
  }
}

let clock: BusyClock;
let ports: RecordedPorts;
let steps: number;
let passes: string[][];
let closed: number;

/** A kernel that finds one tracked connection of each victim in each step of 1 ms. */
function* purge(victims: Victims, counts: PurgeCounts): Generator<void, void> {
  passes.push([...victims]);
  try {
    for (let step = 0; step < steps; step++) {
      clock.busyMs++;
      counts.tracked += victims.size;
      yield;
    }
    counts.sockets = 1;
  } finally {
    closed++;
  }
}
const start = (): ConnectionDropper => new ConnectionDropper(purge, clock, ports.metrics);
const dropped = (kind: string): number => ports.count(`connections_dropped_total kind=${kind}`);

beforeEach(() => {
  clock = new BusyClock();
  ports = new RecordedPorts();
  steps = 3;
  passes = [];
  closed = 0;
});

test('little is done when the call returns', () => {
  expect(start().drop([A, B])).toEqual({ tracked: 6, sockets: 1 });
  expect([dropped('tracked'), dropped('socket'), clock.pending]).toEqual([6, 1, 0]);
  expect(passes).toEqual([[A_BYTES, B_BYTES]]);
});

test('much goes on in slices with pauses', async () => {
  steps = 20;
  expect(start().drop([A])).toEqual({ tracked: 5, sockets: 0 });
  expect(clock.busyMs).toBe(5);
  await clock.advance(2);
  expect(clock.busyMs).toBe(7);
  await clock.advance(100);
  expect([dropped('tracked'), dropped('socket'), clock.pending]).toEqual([20, 1, 0]);
});

test('a VIP that is put again is spared from then on', async () => {
  steps = 20;
  const dropper = start();
  dropper.drop([A, B]);
  dropper.keep([A]);
  await clock.advance(100);
  expect(dropped('tracked')).toBe(2 * 5 + 15);
});

test('VIPs that leave meanwhile get a pass of their own, all together, unless they come back', async () => {
  steps = 20;
  const dropper = start();
  dropper.drop([B]);
  expect(dropper.drop([A])).toEqual({ tracked: 0, sockets: 0 });
  dropper.drop([A, B]);
  dropper.keep([B]);
  await clock.advance(100);
  expect(passes.map((victims) => victims.length)).toEqual([1, 1]);
  expect(passes[1]).toEqual([A_BYTES]);
});

test('no VIP is no work; stop ends the work and frees what it holds', async () => {
  steps = 20;
  const dropper = start();
  dropper.drop([]);
  expect(passes).toEqual([]);
  dropper.drop([A]);
  dropper.stop();
  expect([closed, clock.pending]).toEqual([1, 0]);
  await clock.advance(100);
  expect(clock.busyMs).toBe(5);
});
