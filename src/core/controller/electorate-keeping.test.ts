import { describe, expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { electorate } from '../../testing/core-builders.ts';

describe('the record of the electorate', () => {
  it('is read again and again, also by who is told nothing', () => {
    const c = new Controllers(3).startAll().run(3_000);
    c.cut('c3');
    c.store.electorate = { version: 2, members: electorate(3).members };
    c.run(2_500);
    expect(c.state('c3').electorate?.version).toBe(2);
  });

  it('that etcd has lost is written as it was, whoever is faster', () => {
    const c = new Controllers(3).startAll().run(3_000);
    const present = { version: 7, members: electorate(3).members };
    c.store.electorate = present;
    c.run(3_000);
    c.store.electorate = undefined;
    c.run(3_000);
    expect(c.store.electorate).toEqual(present);
    c.store.electorate = { version: 1, members: electorate(3).members };
    c.run(3_000);
    expect(c.store.electorate).toEqual(present);
  });

  it('that contradicts what a controller acts by is told of', () => {
    const c = new Controllers(3).startAll().run(3_000);
    c.store.electorate = { version: 1, members: electorate(5).members.slice(2) };
    c.run(3_000);
    expect(c.logs.map(({ message }) => message)).toContain(
      'another electorate of the same version is on record than this controller acts by',
    );
    expect(c.state('c1').electorate).toEqual(electorate(3));
  });
});
