import { afterAll, beforeAll } from '@jest/globals';
import { electionStoreContract } from '../../testing/contract/election-store.contract.ts';
import { realClock } from '../../testing/real-time.ts';
import { describeWith, missingTool, toolPath } from '../../testing/requirements.ts';
import { type EtcdServer, startEtcd } from '../../testing/servers/etcd.ts';
import { systemSockets as sockets } from '../system/system-sockets.ts';
import { EtcdElectionStore } from './etcd-election-store.ts';

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

describeWith(missingTool('etcd'), 'A5 EtcdElectionStore', () => {
  let etcd: EtcdServer;
  let tests = 0;
  beforeAll(async () => {
    etcd = await startEtcd({ binary: toolPath('etcd') });
  }, 30_000);
  afterAll(() => etcd.stop());

  electionStoreContract(() => {
    const prefix = `/vippool-${++tests}`;
    return Promise.resolve({
      newStore: () => new EtcdElectionStore({ hosts: [etcd.endpoint], prefix, clock: realClock, sockets }),
      pass: pause,
      dispose: () => Promise.resolve(),
    });
  });
});
