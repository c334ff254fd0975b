/** One thread of a campaign: reports what it ran, batch by batch. */
import { parentPort, workerData } from 'node:worker_threads';
import { type CampaignOrder, runCampaign } from './campaign.ts';

const BATCH = 50;

runCampaign(workerData as CampaignOrder, BATCH, (part) => {
  parentPort?.postMessage(part, []);
  return false;
});
