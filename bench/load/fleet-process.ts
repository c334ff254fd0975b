/** The process that speaks for many agents, driven line by line. */
import { serveLines } from '../../src/testing/line-process.ts';
import { Fleet, type FleetOptions } from './fleet.ts';

let fleet: Fleet | undefined;
const started = (): Fleet => {
  if (!fleet) throw new Error('there is no fleet yet');
  return fleet;
};

serveLines({
  start: async (options: FleetOptions) => {
    fleet = new Fleet(options);
    await fleet.start();
  },
  state: () => started().state(),
  outage: ({ hosts, withinMs }: { readonly hosts: number; readonly withinMs: number }) =>
    started().outage(hosts, withinMs),
});
