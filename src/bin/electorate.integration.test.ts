import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith, missingTool, toolPath } from '../testing/requirements.ts';
import { WalkingCluster } from '../testing/walking-cluster.ts';

const VIPS = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'];
const ONE = ['c1'];
const THREE = ['c1', 'c2', 'c3'];
const FIVE = ['c1', 'c2', 'c3', 'c4', 'c5'];
const WITHIN_MS = 240_000;

describeWith(missingTool('etcd'), 'the processes of controllers, while their number changes', () => {
  let cluster: WalkingCluster;

  beforeAll(async () => {
    cluster = await WalkingCluster.start(toolPath('etcd'), [...FIVE, 'c6', 'c7'], VIPS);
    await cluster.rollOut(ONE);
    await cluster.startAgents(2, ONE);
    await cluster.allHeld();
  }, WITHIN_MS);
  afterAll(() => cluster.stop(), 60_000);

  test(
    'become three from one, when those that are new run and the first one is told',
    async () => {
      for (const id of ['c2', 'c3']) await cluster.configure(id, THREE);
      await cluster.rollOut(THREE, ONE);
      expect(await cluster.becomes(THREE)).toMatchObject({ version: 5 });
      await cluster.allHeld();
    },
    WITHIN_MS,
  );

  test(
    'become five, and three again: every VIP stays',
    async () => {
      cluster.isWatched = true;
      await cluster.rollOut(FIVE, ['c5', 'c4', 'c3', 'c2', 'c1']);
      await cluster.becomes(FIVE);
      await cluster.rollOut(THREE, THREE);
      expect(await cluster.becomes(THREE)).toMatchObject({ version: 11 });
      for (const id of ['c4', 'c5']) await cluster.end(id);
      cluster.isWatched = false;
      expect([...cluster.lost]).toEqual([]);
    },
    WITHIN_MS,
  );

  test(
    'replace one that is dead',
    async () => {
      await cluster.end('c2', 'SIGKILL');
      await cluster.rollOut(['c1', 'c3', 'c6'], ['c6', 'c3', 'c1']);
      await cluster.becomes(['c1', 'c3', 'c6']);
      await cluster.allHeld();
    },
    WITHIN_MS,
  );

  test(
    'refuse a jump, and say which lists to configure instead; the others go on',
    async () => {
      const before = await cluster.electorate();
      await cluster.configure('c7', ['c1', 'c5', 'c7']);
      await expect(cluster.readinessOf('c7')).resolves.toMatch(
        /too much would change at once: configure all controllers with one list after the other.*c1=.* then c1=/,
      );
      expect(await cluster.electorate()).toEqual(before);
      await cluster.end('c7');
    },
    WITHIN_MS,
  );

  test(
    'become one, and nobody ever held a VIP twice',
    async () => {
      await cluster.rollOut(ONE, ONE);
      // They are told as well that they are none any more.
      for (const id of ['c3', 'c6']) await cluster.configure(id, ONE);
      await cluster.becomes(ONE);
      await cluster.allHeld();
      expect([...cluster.heldTwice]).toEqual([]);
    },
    WITHIN_MS,
  );
});
