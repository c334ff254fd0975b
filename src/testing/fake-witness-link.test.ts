import { describe } from '@jest/globals';
import { witnessLinkContract } from './contract/witness-link.contract.ts';
import { FakeWitnessNetwork } from './fake-witness-link.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('FakeWitnessNetwork', () => {
  witnessLinkContract(() => {
    const clock = new VirtualClock();
    const network = new FakeWitnessNetwork(clock);
    const addresses = (node: string): [string, string] => [`management-${node}:7481`, `service-${node}:7481`];
    return Promise.resolve({
      newLink: (self) => network.newLink(self, addresses(self)),
      addresses,
      cut: (address) => Promise.resolve(network.cut(address)),
      pass: (ms) => clock.advance(ms),
      dispose: () => Promise.resolve(),
    });
  });
});
