import { expect, it } from '@jest/globals';
import { AgentHost } from '../../testing/agent-host.ts';
import { whyNoLease } from './why-no-lease.ts';

const why = ({ state, config }: AgentHost): string => whyNoLease(state, config);

it('names each controller with what it says, or that it is not there', () => {
  const host = new AgentHost().start();
  expect(why(host)).toMatch(/\(c1, c2, c3: not connected\)$/);
  host.connect(0).tick(0);
  expect(why(host)).toMatch(/\(c1, c2, c3: connected\)$/);
  host.nack(10, ['c1', 'c2'], 'OtherElectorate').nack(10, ['c3'], 'Abstaining');
  expect(why(host)).toMatch(
    /^no lease: .* \(c1, c2: OtherElectorate, is no member of the electorate, .*; c3: Abstaining, /,
  );
});

it('a refusal is logged when it begins', () => {
  const host = new AgentHost().start().connect(0).tick(0);
  const logged = (): unknown[] =>
    host.effects.flatMap((effect) => (effect.kind === 'log' ? [[effect.level, effect.message, effect.fields]] : []));
  const message = 'a controller does not acknowledge this agent';
  host.nack(10, ['c1'], 'OtherElectorate');
  expect(logged()).toEqual([['info', message, { controller: 'c1', reason: 'OtherElectorate' }]]);
  host.tick(200).nack(210, ['c1'], 'OtherElectorate');
  expect(logged()).toEqual([]);
  host.nack(220, ['c1', 'c2'], 'Standby');
  expect(logged()).toEqual([
    ['info', message, { controller: 'c1', reason: 'Standby' }],
    ['info', message, { controller: 'c2', reason: 'Standby' }],
  ]);
});
