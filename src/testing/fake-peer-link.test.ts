import { describe, expect, test } from '@jest/globals';
import { type ControllerId, controllerId } from '../core/ids.ts';
import type { PeerMessage } from '../core/peer-messages.ts';
import type { PeerLink } from '../ports/peer-link.ts';
import { peerLinkContract } from './contract/peer-link.contract.ts';
import { FakePeerNetwork } from './fake-peer-link.ts';
import { beat } from './peer-messages.ts';
import { VirtualClock } from './virtual-clock.ts';

const IDS = ['c1', 'c2', 'c3'].map(controllerId);
const [C1, C2] = IDS as [(typeof IDS)[0], (typeof IDS)[0]];
/** A link to all of them. */
function newLink(network: FakePeerNetwork, self: ControllerId): PeerLink {
  const link = network.newLink(self);
  link.connect(IDS.map((id) => ({ id, address: '' })));
  return link;
}

const WAYS = IDS.flatMap((from) => IDS.map((to) => [from, to] as const));

describe('FakePeerNetwork', () => {
  peerLinkContract(() => {
    const clock = new VirtualClock();
    const network = new FakePeerNetwork(clock);
    return Promise.resolve({
      newLink: (self) => newLink(network, self),
      blackHole: () => WAYS.forEach(([from, to]) => network.cut(from, to)),
      heal: () => WAYS.forEach(([from, to]) => network.heal(from, to)),
      pass: (ms) => clock.advance(ms),
      dispose: () => Promise.resolve(),
    });
  });

  test('delays, loses and cuts one way alone, as it is told', async () => {
    const clock = new VirtualClock();
    const network = new FakePeerNetwork(clock);
    const heard: PeerMessage[][] = [[], []];
    const links = [C1, C2].map((id) => newLink(network, id));
    links.forEach((link, index) => void link.start(({ message }) => heard[index]?.push(message)));
    network.delayMs = 300;
    network.loses = (message) => message.kind === 'beat' && message.sequence === 1;
    for (const sequence of [1, 2]) links[0]?.send(C2, beat(sequence));
    await clock.advance(299);
    expect(heard[1]).toEqual([]);
    await clock.advance(1);
    expect(heard[1]).toEqual([beat(2)]);
    network.cut(C1, C2);
    links[0]?.send(C2, beat(3));
    links[1]?.send(C1, beat(4));
    await clock.advance(300);
    expect(heard).toEqual([[beat(4)], [beat(2)]]);
  });
});
