import type { VipAddress } from '../../src/core/ids.ts';
import type { InterfaceState } from '../../src/core/messages.ts';
import type { AddressError, MarkedAddress, NeighbourQuestions } from '../../src/ports/network.ts';
import { FakeNetwork } from '../../src/testing/fake-network.ts';

/** What lies beyond the NIC. */
export interface Surroundings {
  isUp(address: string): boolean;
  bound(vips: readonly VipAddress[]): void;
}

/** One NIC in memory; neighbours that have power answer. */
export class SimulatedNetwork extends FakeNetwork {
  readonly #surroundings: Surroundings;
  override links: readonly InterfaceState[];

  constructor(nic: string, address: string, surroundings: Surroundings) {
    super(() => undefined);
    const mac = ['02', ...address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0')), '00'].join(':');
    this.links = [{ name: nic, mac, carrier: true, addresses: [`${address}/16`] }];
    this.#surroundings = surroundings;
  }

  override put(addresses: readonly MarkedAddress[]): readonly AddressError[] {
    const fresh = addresses.flatMap(({ vip }) => (this.addresses.has(vip) ? [] : [vip]));
    const errors = super.put(addresses);
    if (fresh.length > 0) this.#surroundings.bound(fresh);
    return errors;
  }

  override askNeighbours(questions: readonly NeighbourQuestions[]): readonly NeighbourQuestions[] {
    setImmediate(() => {
      for (const { interface: name, addresses } of questions) {
        for (const address of addresses) {
          if (this.#surroundings.isUp(address)) this.report({ kind: 'answered', interface: name, address });
        }
      }
    });
    return questions;
  }
}
