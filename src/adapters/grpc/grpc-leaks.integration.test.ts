import { expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { controllerId } from '../../core/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import { eventually } from '../../testing/eventually.ts';
import { freePort } from '../../testing/free-port.ts';
import { describeWith, missingLinux } from '../../testing/requirements.ts';
import { realClock, realRandom as random } from '../../testing/real-time.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { AgentSide, ControllerSide } from '../../testing/wire-sides.ts';
import { systemSockets as sockets } from '../system/system-sockets.ts';
import { GrpcAgentServer } from './grpc-agent-server.ts';
import { GrpcControllerLink } from './grpc-controller-link.ts';
import { GrpcServer } from './grpc-server.ts';

const C1 = controllerId('c1');
const ATTEMPTS = 300;

const openFiles = (): number => readdirSync('/proc/self/fd').length;

describeWith(missingLinux(), 'an agent whose controller is away for long', () => {
  test(`has no more open files after ${ATTEMPTS} attempts, and finds it when it is back`, async () => {
    let attempts = 0;
    let hurried = true;
    // While hurried, an attempt has 15 ms instead of a second, and the wait before the next one is 1 ms.
    const clock: Clock = {
      ...realClock,
      after: (ms, fire) => {
        if (ms < 1_000) attempts++;
        return realClock.after(hurried ? Math.min(15, ms / 50) : ms, fire);
      },
    };
    const port = await freePort();
    const { log, metrics } = new RecordedPorts();
    const controllers = [{ id: C1, address: `127.0.0.1:${port}` }];
    const before = openFiles();
    const link = new GrpcControllerLink({ clock, random, sockets, log, metrics });
    link.connect(controllers);
    const agent = new AgentSide(link);
    await agent.start();
    await eventually(
      () => attempts,
      (count) => count >= ATTEMPTS,
      40_000,
    );
    hurried = false;
    expect(openFiles() - before).toBeLessThan(10);
    expect(agent.events).toEqual([]);

    const controller = new ControllerSide(
      new GrpcAgentServer({
        server: new GrpcServer({ listen: `127.0.0.1:${port}`, clock: realClock, log, metrics }),
        clock: realClock,
        log,
        metrics,
      }),
    );
    await controller.start();
    await eventually(
      () => agent.isConnected(C1),
      (connected) => connected,
      5_000,
    );
    await agent.stop();
    await controller.stop();
  }, 60_000);
});
