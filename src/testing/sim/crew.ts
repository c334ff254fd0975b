import { Worker } from 'node:worker_threads';
import { addTally, type CampaignOrder, emptyTally, runCampaign, type Tally } from './campaign.ts';

const BATCH = 50;

/**
 * Runs a campaign on several threads, or in this one where `workers` is 1.
 *
 * @param onProgress is called after each batch with the sum so far; true ends the campaign
 */
export async function runOnWorkers(
  order: CampaignOrder,
  workers: number,
  onProgress: (sum: Tally) => boolean,
): Promise<Tally> {
  const sum = emptyTally();
  const take = (part: Tally): boolean => {
    addTally(sum, part);
    return onProgress(sum);
  };
  if (workers === 1) {
    runCampaign(order, BATCH, take);
    return sum;
  }
  const share = (index: number): CampaignOrder => ({
    ...order,
    first: order.first + index,
    stride: workers,
    count: Math.ceil((order.count - index) / workers),
  });
  const crew = Array.from(
    { length: Math.min(workers, order.count) },
    (_, index) => new Worker(new URL('./worker.ts', import.meta.url), { workerData: share(index) }),
  );
  const endAll = (): void => {
    for (const worker of crew) void worker.terminate();
  };
  await Promise.all(
    crew.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          worker.on('message', (part: Tally) => {
            if (take(part)) endAll();
          });
          worker.on('error', reject);
          worker.on('exit', () => resolve());
        }),
    ),
  );
  return sum;
}
