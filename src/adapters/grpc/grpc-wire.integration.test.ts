import { describe } from '@jest/globals';
import { controllerIdentity, nodeIdentity } from '../../core/identity.ts';
import { type ControllerId, controllerId, nodeName } from '../../core/ids.ts';
import { wireContract } from '../../testing/contract/wire.contract.ts';
import { credentialsOf } from '../../testing/certificates.ts';
import { freePort } from '../../testing/free-port.ts';
import { realClock as clock, realRandom as random } from '../../testing/real-time.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { TcpProxy } from '../../testing/tcp-proxy.ts';
import { systemSockets as sockets } from '../system/system-sockets.ts';
import { GrpcAgentServer } from './grpc-agent-server.ts';
import { GrpcControllerLink } from './grpc-controller-link.ts';
import { GrpcServer } from './grpc-server.ts';

interface Way {
  readonly proxy: TcpProxy;
  readonly listen: string;
  readonly address: string;
}

/** A controller's port, and a proxy before it that can go dead. */
async function openWay(): Promise<Way> {
  const port = await freePort();
  const proxy = new TcpProxy(port);
  return { proxy, listen: `127.0.0.1:${port}`, address: `127.0.0.1:${await proxy.start()}` };
}

describe.each([{ secured: false }, { secured: true }])('gRPC, secured by certificates: $secured', (security) => {
  wireContract(async () => {
    const ways = new Map<ControllerId, Way>();
    for (const id of ['c1', 'c2']) ways.set(controllerId(id), await openWay());
    const way = (id: ControllerId): Way => {
      const found = ways.get(id);
      if (!found) throw new Error(id);
      return found;
    };
    const agents = ['node-a', 'node-b'].map((name) => nodeIdentity(nodeName(name)));
    const credentialsFor = await credentialsOf([...[...ways.keys()].map(controllerIdentity), ...agents], security);
    const { log, metrics } = new RecordedPorts();
    const ports = { clock, random, sockets, log, metrics };
    return {
      newServer: (id) => {
        const credentials = credentialsFor(controllerIdentity(id));
        const server = new GrpcServer({ listen: way(id).listen, credentials, clock, log, metrics });
        return new GrpcAgentServer({ server, ...ports });
      },
      newLink: (node, ids) => {
        const controllers = ids.map((id) => ({ id, address: way(id).address }));
        const link = new GrpcControllerLink({ credentials: credentialsFor(nodeIdentity(node)), ...ports });
        link.connect(controllers);
        return link;
      },
      blackHole: (id) => way(id).proxy.freeze(),
      // The proxy lets new connections through from the start.
      heal: () => undefined,
      pass: (ms) =>
        new Promise((resolve) => {
          setTimeout(resolve, ms);
        }),
      dispose: async () => {
        await Promise.all(Array.from(ways.values(), ({ proxy }) => proxy.stop()));
      },
    };
  });
});
