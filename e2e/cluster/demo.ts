/**
 * `make demo-cluster`: from an empty machine to addresses that survive a power cut, on a real Kubernetes cluster. Exit code
 * 0 only if every step kept its promise. NODES says how many nodes, default 3; `--keep` leaves the cluster running.
 */
import { errorText } from '../../src/core/error-text.ts';
import { say, title } from '../demo/screen.ts';
import { isolationPid } from '../lib/isolation.ts';
import { begin } from './begin.ts';
import { DemoStory } from './demo-story.ts';
import { missingForCluster } from './tools.ts';

const KEEP = '--keep';
const MOST_NODES = 9;

const refuse = (text: string): never => {
  process.stderr.write(`demo-cluster: ${text}\n`);
  process.exit(2);
};

const unknown = process.argv.slice(2).filter((argument) => argument !== KEEP);
if (unknown.length > 0) refuse(`unknown option ${unknown.join(' ')}; the only one is ${KEEP}`);
const count = Number(process.env['NODES'] || 3);
if (!Number.isInteger(count) || count < 3 || count > MOST_NODES) {
  refuse(`NODES: a whole number from 3 to ${MOST_NODES}, for example NODES=5`);
}

const images = await begin().catch((error: unknown) => refuse((error as Error).message));
const missing = missingForCluster();
if (missing !== undefined) refuse(missing);

process.once('SIGINT', () => process.exit(130));
const story = new DemoStory(count, images);
try {
  title(`1. A Kubernetes cluster of ${count} nodes`);
  await story.startCluster();

  title('2. helm install');
  await story.install();

  title('3. kubectl apply -f examples/nas-pool.yaml');
  await story.applyPool();

  title('4. The plug is pulled: a node that holds VIPs and runs the master');
  await story.pullThePlug();

  title('5. The node is back: failback');
  await story.bringBack();

  title('6. helm test');
  await story.test();
  if (process.argv.includes(KEEP)) await keep();

  title('7. helm uninstall');
  await story.uninstall();
} catch (error) {
  say(`\nThe demo broke: ${errorText(error)}`);
  process.exitCode = 1;
}
if (!story.summary()) process.exitCode = 1;
await story.end();
process.exit();

/** Until Ctrl-C. */
async function keep(): Promise<void> {
  say(`\nEverything keeps running until Ctrl-C. From another terminal, as root:
  PID=${isolationPid()}
  nsenter --target $PID --net --mount env KUBECONFIG=${story.kubeconfig} kubectl get vippools,nodehealths,pods -A
  nsenter --target $PID --net --mount ip netns exec node-1 ip addr show dev eth1`);
  await new Promise(() => undefined);
}
