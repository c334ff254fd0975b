/**
 * `make demo`: the main job, on three hosts made of network namespaces. Exit code 0 only if every step kept its
 * promise. `--keep` leaves everything running at the end, with instructions.
 */
import { errorText } from '../../src/core/error-text.ts';
import { resolveTool } from '../../hack/tools/resolver.ts';
import { LEADER_LEASE_MS, LEASE_MS, MARGIN_MS, MOVE_MS, TAKEOVER_MS } from '../lib/bounds.ts';
import { enterIsolation } from '../lib/isolation.ts';
import { say, title } from './screen.ts';
import { Story } from './story.ts';

const KEEP = '--keep';
const unknown = process.argv.slice(2).filter((argument) => argument !== KEEP);
if (unknown.length > 0) {
  process.stderr.write(`demo: unknown option ${unknown.join(' ')}; the only one is ${KEEP}\n`);
  process.exit(2);
}

const etcd = (await resolveTool('etcd')).path;
process.env['VIPPOOL_ETCD'] = etcd;
await enterIsolation();

const story = await Story.begin(etcd);
process.once('SIGINT', () => process.exit(130));
try {
  await tell();
} catch (error) {
  say(`\nThe demo broke: ${errorText(error)}`);
  process.exitCode = 1;
}
if (process.argv.includes(KEEP)) await story.keep();
await story.end();

async function tell(): Promise<void> {
  title('1. A pool of six VIPs on three hosts');
  say('etcd, three controllers and three agents are running. Applying examples/nas-pool.yaml ...');
  await story.applyPool();
  await story.showTable();

  title('2. A planned move');
  await story.move(MOVE_MS);

  title('3. The plug is pulled: a host that holds VIPs and is the master');
  say(
    `Timeouts in force: the other controllers elect a new master ${LEADER_LEASE_MS + MARGIN_MS} ms after the last beat of the old one,`,
  );
  say(
    `the lease of a dead host ends ${LEASE_MS} ms after its last heartbeat. Promise: answered within ${TAKEOVER_MS} ms.`,
  );
  await story.pullThePlug(TAKEOVER_MS);
  await story.showTable();

  title('4. The host is back: failback');
  await story.bringBack(MOVE_MS);
  await story.showTable();

  process.exitCode = story.summary() ? 0 : 1;
}
