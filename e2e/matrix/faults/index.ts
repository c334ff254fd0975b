import type { Fault } from '../fault.ts';
import { clockFaults } from './clocks.ts';
import { controllerFaults } from './controllers.ts';
import { hostFaults } from './hosts.ts';
import { networkFaults } from './networks.ts';
import { processFaults } from './processes.ts';
import { serviceFaults } from './services.ts';
import { storeFaults } from './stores.ts';

/** Every fault of the matrix, in the order of the report. */
export const FAULTS: readonly Fault[] = [
  ...processFaults,
  ...hostFaults,
  ...networkFaults,
  ...serviceFaults,
  ...controllerFaults,
  ...storeFaults,
  ...clockFaults,
];

/** By its name or its alias. @throws Error naming the known ones. */
export function faultNamed(name: string): Fault {
  const fault = FAULTS.find((item) => item.name === name || item.alias === name);
  if (!fault) throw new Error(`no fault "${name}"; known are: ${FAULTS.map((item) => item.name).join(' ')}`);
  return fault;
}
