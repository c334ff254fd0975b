import { beforeEach, expect, it } from '@jest/globals';
import { poolName } from '../../core/ids.ts';
import { AgentOnFakes, C1 } from '../../testing/agent-on-fakes.ts';
import { check, term } from '../../testing/core-builders.ts';
import { formatTerm } from '../../core/term.ts';

let h: AgentOnFakes;

beforeEach(() => {
  h = new AgentOnFakes();
});

/** Debug lines since the last look, without those that the test does not ask for. */
function lines(...messages: readonly string[]): [message: string, fields: object][] {
  const found = h.recorded.lines
    .splice(0)
    .filter(({ level, message }) => level === 'debug' && messages.includes(message));
  return found.map(({ message, fields }) => [message, fields]);
}

it('tells what it was assigned, and what came and went', async () => {
  await h.leased();
  lines();
  h.assign(1, '192.0.2.1', '192.0.2.2');
  const kinds = ['assignment taken', 'VIPs of this host changed', 'VIPs are announced'];
  const one = formatTerm(term(1));
  expect(lines(...kinds)).toEqual([
    ['VIPs are announced', { vips: '192.0.2.1 192.0.2.2', count: 2 }],
    ['VIPs of this host changed', { came: '192.0.2.1 192.0.2.2', went: '', held: 2 }],
    ['assignment taken', { term: one, version: 1, vips: 2 }],
  ]);
  h.assign(2, '192.0.2.2');
  expect(lines(...kinds)).toEqual([
    ['VIPs of this host changed', { came: '', went: '192.0.2.1', held: 1 }],
    ['assignment taken', { term: one, version: 2, vips: 1 }],
  ]);
});

it('names few of many VIPs', async () => {
  await h.leased();
  h.assign(1, ...Array.from({ length: 12 }, (_, index) => `192.0.2.${index + 1}`));
  const [[, fields] = []] = lines('VIPs are announced');
  expect(fields).toMatchObject({ vips: expect.stringMatching(/^192.0.2.1 .* 192.0.2.10 and 2 more$/), count: 12 });
});

it('tells when it asks who has VIPs that their holder lost', async () => {
  await h.leased();
  h.takeOver(1, '192.0.2.1');
  expect(lines('the network is asked who has VIPs')).toEqual([
    ['the network is asked who has VIPs', { vips: '192.0.2.1', count: 1 }],
  ]);
});

it('says of a check only what is otherwise than before', async () => {
  await h.leased();
  h.configure(1, [check('nfs', { fall: 3 })]);
  for (const ok of [true, true, false, false, true]) h.checks.ran('nfs', ok);
  const said = { pool: poolName('nas'), check: 'nfs', durationMs: 5 };
  expect(lines('a check goes otherwise than before').map(([, fields]) => fields)).toEqual([
    { ...said, result: 'good', output: 'fine' },
    { ...said, result: 'bad', output: 'broken' },
    { ...said, result: 'good', output: 'fine' },
  ]);
});

it('sums up what goes on all the time, and says nothing of a single heartbeat', async () => {
  await h.leased();
  lines();
  h.hear({
    kind: 'message',
    controller: C1,
    message: { kind: 'nack', sequence: 1, term: term(1), reason: 'Abstaining' },
  });
  for (let beat = 0; beat < 149; beat += 1) {
    await h.clock.advance(200);
    h.acknowledge();
  }
  await h.clock.advance(200);
  const debug = h.recorded.lines.filter(({ level }) => level === 'debug');
  expect(debug.map(({ message, fields }) => [message, fields])).toEqual([
    [
      'the last seconds',
      {
        seconds: 30,
        lease: 'held',
        leaseLeftMs: expect.any(Number),
        held: 0,
        connected: 'c1',
        controllers: { c1: { acknowledged: 149, refused: 1, slowestMs: expect.any(Number) } },
      },
    ],
  ]);
});

it('is silent once it is stopped', async () => {
  await h.leased();
  await h.stop('keep');
  h.recorded.lines.length = 0;
  await h.clock.advance(60_000);
  expect(lines('the last seconds')).toEqual([]);
});
