import { readFile } from 'node:fs/promises';
import { IdentityFiles } from '../adapters/certificates/identity-files.ts';
import { GrpcIdentityLink } from '../adapters/grpc/grpc-identity-link.ts';
import { Enrolment } from '../app/identity/enrolment.ts';
import { LeafRenewal } from '../app/identity/leaf-renewal.ts';
import type { AgentConfig } from '../config/options/agent.ts';
import { targetOf } from '../config/options/electorate.ts';
import { nodeIdentity } from '../core/identity.ts';
import { OpError } from '../core/op-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Random } from '../ports/random.ts';
import type { Sockets } from '../ports/sockets.ts';
import { errorText } from '../core/error-text.ts';

interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly sockets: Sockets;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** An agent that has its certificate from the controllers: not started. Undefined where it comes from elsewhere. */
export function openEnrolment(config: AgentConfig, ports: Ports): LeafRenewal | undefined {
  const { identityToken, identityPort, nodeName, tlsCert, tlsKey, tlsCa } = config;
  if (identityToken === undefined || tlsCert === undefined || tlsKey === undefined || tlsCa === undefined) {
    return undefined;
  }
  const holder = { name: nodeName, identity: nodeIdentity(nodeName) };
  const { clock } = ports;
  const files = new IdentityFiles({ certificate: tlsCert, privateKey: tlsKey, authorities: tlsCa, holder, clock });
  const link = new GrpcIdentityLink({
    ...ports,
    controllers: config.controllers.map(({ id, host }) => ({ id, address: targetOf({ host, port: identityPort }) })),
    authorities: () => read(tlsCa),
  });
  const source = new Enrolment({
    link,
    token: async () => (await read(identityToken)).trim(),
    newRequest: async () => {
      // The library is needed once a day.
      const { newRequest } = await import('../adapters/certificates/certificate-request.ts');
      return newRequest(holder);
    },
  });
  return new LeafRenewal({ ...ports, files, source });
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = errorText(error);
    throw new OpError('InvalidInput', `cannot read ${path}: ${reason}`, { cause: error });
  }
}
