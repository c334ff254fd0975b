import { describe, expect, it } from '@jest/globals';
import { AgentHost, assigned, holdingHost, leasedHost } from '../../testing/agent-host.ts';
import { electorate } from '../../testing/core-builders.ts';
import type { Electorate } from '../electorate.ts';
import { controllerId } from '../ids.ts';
import { hasLease } from './agent-state.ts';
import { monotonic } from '../time.ts';

const members = electorate(5).members;
const four: Electorate = { version: 2, members: members.slice(0, 4) };
const five: Electorate = { version: 3, members };
const told = (host: AgentHost, now: number, known: Electorate): AgentHost =>
  host.at(now, { kind: 'electorate', electorate: known });
const beatOf = (host: AgentHost, now: number) => host.tick(now).said('heartbeat').at(-1);

describe('an agent that knows no controllers but those to ask', () => {
  it('counts no acknowledgement before it was told whose count', () => {
    const host = new AgentHost().start().connect(0);
    host.state = { ...host.state, electorate: undefined, restsOn: 0 };
    expect(beatOf(host, 0)).toMatchObject({ electorate: 0, restsOn: 0 });
    host.ack(10, ['c1', 'c2', 'c3']);
    expect(hasLease(host.state, monotonic(11))).toBe(false);
    told(host, 20, electorate(3)).tick(20).ack(30, ['c1', 'c2']);
    expect(hasLease(host.state, monotonic(31))).toBe(true);
    expect(host.memory).toMatchObject({ electorate: electorate(3) });
  });

  it('asks all that it was told of, and those that it is configured with', () => {
    const host = new AgentHost({
      controllers: [...members.slice(0, 1), { id: controllerId('c9'), address: 'c9:7400' }],
    }).start();
    const joining = members[4];
    told(host, 10, { version: 2, members: members.slice(0, 3), joining });
    expect(host.done('connect')[0]?.controllers.map(({ id }) => id)).toEqual(['c1', 'c2', 'c3', 'c5', 'c9']);
  });
});

describe('another electorate', () => {
  it('is adopted when it is a higher one, and asked for acknowledgements at once', () => {
    const host = leasedHost();
    expect(told(host, 100, electorate(3)).effects).toEqual([]);
    told(host, 110, four);
    expect(host.kinds()).toEqual(['save', 'connect', 'log']);
    expect(host.wakeAt()).toBe(110);
    expect(told(host, 120, electorate(3)).state.electorate).toEqual(four);
  });

  it('leaves what is held as it was, and says what it rests on', () => {
    const host = told(holdingHost(), 100, four);
    expect(host.answersFor(900)).toHaveLength(2);
    expect(beatOf(host, 101)).toMatchObject({ electorate: 2, restsOn: 1 });
    // Of four two are no majority.
    expect(host.ack(110, ['c1', 'c2']).state.restsOn).toBe(1);
    expect(host.ack(120, ['c4']).state).toMatchObject({ restsOn: 2, leaseUntil: 1_101 });
    expect(beatOf(host, 301)).toMatchObject({ electorate: 2, restsOn: 2 });
  });

  it('is rested on at once by who holds nothing', () => {
    expect(told(new AgentHost().start().connect(0), 50, four).state.restsOn).toBe(2);
  });

  it('counts nothing that is said by another version, or by who is no member', () => {
    const host = told(leasedHost(), 100, { version: 2, members: members.slice(0, 2) }).tick(100);
    host.ack(110, ['c1', 'c3']);
    expect(host.state.leaseUntil).toBe(1_000);
    const { sequence } = host.state;
    host.at(120, { kind: 'ack', controller: controllerId('c2'), sequence, term: undefined, electorate: 1 });
    expect(host.state.leaseUntil).toBe(1_000);
    expect(host.ack(130, ['c2']).state.leaseUntil).toBe(1_100);
  });

  it('that is two steps away ends all that is held: it was given up meanwhile', () => {
    const host = told(holdingHost(), 100, five);
    expect(host.holds()).toEqual([]);
    expect(host.state).toMatchObject({ restsOn: 3, lease: { epoch: 2 } });
  });

  it('is asked for anew where every controller acts by another one and nothing is held: they were installed again', () => {
    const host = told(new AgentHost().start().connect(0), 50, five).tick(60);
    host.nack(100, ['c1', 'c2'], 'OtherElectorate');
    expect(host.state.electorate).toEqual(five);
    host.nack(110, ['c3'], 'OtherElectorate');
    expect(beatOf(host, 260)).toMatchObject({ electorate: 0, restsOn: 0 });
    told(host, 270, electorate(3)).tick(270).ack(280, ['c1', 'c2']);
    expect(hasLease(host.state, monotonic(281))).toBe(true);
    const holding = told(holdingHost(), 100, four).tick(100);
    holding.nack(110, ['c1', 'c2', 'c3'], 'OtherElectorate');
    expect(holding.state.electorate).toEqual(four);
  });

  it('is known again after a restart within the lease, and what is held rests on nobody knows what', () => {
    const host = told(leasedHost().assign(20, 1, [assigned('192.0.2.1')]), 100, four).start(200);
    expect(host.holds()).toEqual(['192.0.2.1']);
    expect(host.state).toMatchObject({ electorate: four, restsOn: 0 });
  });
});
