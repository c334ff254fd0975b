import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { giveVips, silenceTrial } from '../../../testing/fence-trial.ts';
import { describeWith, missingNetworkNamespaces } from '../../../testing/requirements.ts';
import { ServiceNetwork } from '../../../testing/service-network.ts';

const LEASE_MS = 300;
const TRIALS = 10;

describeWith(missingNetworkNamespaces(), 'A host whose agent ends', () => {
  let network: ServiceNetwork;

  beforeAll(async () => {
    network = await ServiceNetwork.create(2);
    giveVips(network);
  });
  afterAll(() => network.close());

  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'by %s is silent within the lease',
    async (signal) => {
      for (let trial = 0; trial < TRIALS; trial++) {
        const seen = await silenceTrial(network, { signal, leaseMs: LEASE_MS, everyMs: 50 });
        expect(seen.answeredForMs).toBeLessThan(LEASE_MS + 5);
        expect(seen.answeredForMs).toBeGreaterThan(0);
        expect(seen.answeredBefore).toBeGreaterThan(10);
        expect(seen.unansweredAfter).toBeGreaterThan(10);
      }
    },
    120_000,
  );
});
