import type { ElectorateMember } from '../../core/electorate.ts';
import type { Contradiction } from '../option.ts';
import type { ControllerEndpoint } from '../values/network.ts';

/** "192.0.2.1:7480" or "[2001:db8::1]:7480" */
export const targetOf = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

export const membersOf = (controllers: readonly ControllerEndpoint[]): ElectorateMember[] =>
  controllers.map((item) => ({ id: item.id, address: targetOf(item) }));

/** What a list of controllers must satisfy, whoever is given it. */
export function electorateContradictions(
  controllers: readonly ControllerEndpoint[],
  flag: string,
): readonly Contradiction[] {
  const found: Contradiction[] = [];
  if (controllers.length === 4 || controllers.length > 5) {
    const message =
      `${controllers.length} controllers are not supported: an even number survives no more failures than one less, ` +
      'and more than 5 make every decision slower; write 1, 2, 3 or 5';
    found.push({ flag, message });
  }
  const targets = controllers.map(({ host, port }) => `${host} port ${port}`);
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  if (twice !== undefined) {
    found.push({ flag, message: `two ids share ${twice}; write each controller's own address` });
  }
  return found;
}
