import { describe, expect, it } from '@jest/globals';
import { type AgentHost, assigned, holdingHost, leasedHost } from '../../testing/agent-host.ts';
import { v } from '../../testing/core-builders.ts';
import type { Probe } from '../messages.ts';
import { insistenceMs, probeMs, TIMING_PROFILES } from '../timing.ts';
import type { AgentEvent } from './agent-state.ts';

const FORMER = '02:00:00:00:00:aa';
const FOREIGN = '02:00:00:00:00:ff';
const WAIT = probeMs(TIMING_PROFILES.Default);
const probe = (vip: string, insistent = false): Probe => ({ vip: v(vip), formerMacs: [FORMER], insistent });
const claim = (vip: string, mac: string): AgentEvent => ({ kind: 'claimed', vip: v(vip), interface: 's0', mac });

/** Told at 20 to take over 192.0.2.1 and 192.0.2.2, of which the first was lost by its holder. */
const taker = (): AgentHost =>
  leasedHost().assign(20, 1, [assigned('192.0.2.1'), assigned('192.0.2.2')], { probes: [probe('192.0.2.1')] });

describe('E3 before a takeover', () => {
  it('the network is asked, and only what was lost waits for the answer', () => {
    const host = taker();
    expect(host.done('probe')).toMatchObject([{ addresses: [{ vip: '192.0.2.1', interface: 's0' }] }]);
    expect(host.holds()).toEqual(['192.0.2.2']);
    expect(host.kinds().indexOf('probe')).toBeLessThan(host.kinds().indexOf('change'));
    expect(host.wakeAt()).toBeLessThan(20 + WAIT);
  });

  it('the network is asked twice, since a question may be lost', () => {
    const host = taker();
    expect(host.tick(host.wakeAt()).done('probe')).toMatchObject([{ addresses: [{ vip: '192.0.2.1' }] }]);
    expect(host.wakeAt()).toBe(20 + WAIT);
    expect(host.tick(20 + WAIT).done('probe')).toEqual([]);
  });

  it('the network is asked again and again where the holder was found alive not long ago', () => {
    const host = leasedHost().assign(20, 1, [assigned('192.0.2.1')], { probes: [probe('192.0.2.1', true)] });
    let questions = host.done('probe').length;
    while (host.wakeAt() < 20 + insistenceMs(TIMING_PROFILES.Default)) {
      questions += host.tick(host.wakeAt()).done('probe').length;
      expect(host.holds()).toEqual([]);
    }
    expect(questions).toBe(11);
    expect(host.tick(20 + insistenceMs(TIMING_PROFILES.Default)).holds()).toEqual(['192.0.2.1']);
  });

  it('silence for the time of a probe binds, announces and reports', () => {
    const host = taker().tick(20 + WAIT - 1);
    expect(host.holds()).not.toContain('192.0.2.1');
    host.tick(20 + WAIT);
    expect([...host.holds()].sort()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(host.announced()).toEqual(['192.0.2.1']);
    expect(host.said('applied')).toMatchObject([{ version: 1, held: [{}, {}], refused: [] }]);
  });

  it('a version is not reported as applied before its last probe has ended', () => {
    expect(taker().said('applied')).toEqual([]);
  });

  it('what is held already is not asked for', () => {
    const host = holdingHost().assign(30, 2, [assigned('192.0.2.1')], { probes: [probe('192.0.2.1')] });
    expect(host.done('probe')).toEqual([]);
    expect(host.holds()).toEqual(['192.0.2.1']);
  });

  it('what may not be bound is not asked for', () => {
    const host = leasedHost().assign(20, 1, [assigned('198.51.100.1')], { probes: [probe('198.51.100.1')] });
    expect(host.done('probe')).toEqual([]);
  });
});

describe('an answer to the probe', () => {
  it('of the lost holder is told as such: nothing is bound', () => {
    const host = taker().at(25, claim('192.0.2.1', FORMER));
    const [report] = host.said('applied');
    expect(report).toMatchObject({ version: 1, refused: [{ vip: '192.0.2.1', reason: 'HolderAnswers' }] });
    expect(report?.refused[0]?.message).toContain(FORMER);
    expect(host.tick(20 + WAIT).holds()).toEqual(['192.0.2.2']);
  });

  it('of a stranger is a conflict that names its MAC: nothing is bound', () => {
    const host = taker().at(25, claim('192.0.2.1', FOREIGN));
    const [refused] = host.said('applied')[0]?.refused ?? [];
    expect(host.done('log')).toMatchObject([{ fields: { pool: 'nas', vip: '192.0.2.1', reason: 'AddressConflict' } }]);
    expect(refused).toMatchObject({ vip: '192.0.2.1', reason: 'AddressConflict' });
    expect(refused?.message).toContain(FOREIGN);
    expect(host.tick(1_000 - 1).holds()).toEqual(['192.0.2.2']);
  });

  it('keeps one VIP from no other that is asked for', () => {
    const vips = [assigned('192.0.2.1'), assigned('192.0.2.3')];
    const host = leasedHost().assign(20, 1, vips, { probes: [probe('192.0.2.1'), probe('192.0.2.3')] });
    host.at(25, claim('192.0.2.1', FOREIGN));
    expect(host.said('applied')).toEqual([]);
    host.tick(20 + WAIT);
    expect(host.holds()).toEqual(['192.0.2.3']);
    expect(host.said('applied')).toMatchObject([{ held: [{ vip: '192.0.2.3' }], refused: [{ vip: '192.0.2.1' }] }]);
  });

  it('stays on the report until another version comes without the VIP', () => {
    const host = taker()
      .at(25, claim('192.0.2.1', FOREIGN))
      .tick(20 + WAIT);
    host.at(100, { kind: 'resync', marked: [...host.kernel.values()] });
    expect(host.state.refused).toHaveLength(1);
    host.assign(200, 2, [assigned('192.0.2.2')]);
    expect(host.said('applied')).toMatchObject([{ version: 2, refused: [] }]);
  });

  it('is asked for anew with another version, and bound when it is silent', () => {
    const host = taker()
      .at(25, claim('192.0.2.1', FOREIGN))
      .tick(20 + WAIT);
    host.assign(200, 2, [assigned('192.0.2.1'), assigned('192.0.2.2')], { probes: [probe('192.0.2.1')] });
    expect(host.done('probe')).toHaveLength(1);
    expect(host.tick(200 + WAIT).holds()).toContain('192.0.2.1');
  });
});

describe('a probe that runs', () => {
  it('ends with the lease: nothing is bound by it afterwards', () => {
    const host = leasedHost().assign(990, 1, [assigned('192.0.2.1')], { probes: [probe('192.0.2.1')] });
    host.tick(1_000);
    expect(host.tick(990 + WAIT).holds()).toEqual([]);
  });

  it('ends with a version that takes the VIP away', () => {
    const host = taker().assign(25, 2, [assigned('192.0.2.2')]);
    expect(host.tick(20 + WAIT).holds()).toEqual(['192.0.2.2']);
  });
});

describe('E3 somebody who claims a VIP that is held here', () => {
  it('is answered at once, and reported', () => {
    const host = holdingHost().at(100, claim('192.0.2.1', FOREIGN));
    expect(host.announced()).toEqual(['192.0.2.1']);
    expect(host.said('applied')).toMatchObject([{ rivals: [{ vip: '192.0.2.1', mac: FOREIGN }] }]);
    expect(host.holds()).toContain('192.0.2.1');
  });

  it('is answered each time, and reported once', () => {
    const host = holdingHost().at(100, claim('192.0.2.1', FOREIGN)).at(150, claim('192.0.2.1', FOREIGN));
    expect(host.announced()).toEqual(['192.0.2.1']);
    expect(host.said('applied')).toEqual([]);
  });

  it('is forgotten after ten quiet seconds', () => {
    const host = holdingHost().at(100, claim('192.0.2.1', FOREIGN));
    for (let now = 200; now <= 10_200; now += 200) host.tick(now).ack(now, ['c1', 'c2']);
    expect(host.state.rivals.size).toBe(0);
    expect(host.state.reported).toContain('"rivals":[]');
  });

  it('is none where the VIP is not held', () => {
    expect(leasedHost().at(100, claim('192.0.2.1', FOREIGN)).effects).toEqual([]);
  });
});
