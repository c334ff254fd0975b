import { X509Certifier } from '../adapters/certificates/x509-certifier.ts';
import { IdentityFiles } from '../adapters/certificates/identity-files.ts';
import { ApiClient } from '../adapters/kube/api-client.ts';
import { KubeconfigAccess } from '../adapters/kube/cluster-access.ts';
import { KubeCertificateStore } from '../adapters/kube/kube-certificate-store.ts';
import { KubeEtcdMembers } from '../adapters/kube/kube-etcd-members.ts';
import { KubeTokenReviewer } from '../adapters/kube/kube-token-reviewer.ts';
import { GrpcIdentityServer } from '../adapters/grpc/grpc-identity-server.ts';
import { AuthorityKeeper } from '../app/identity/authority-keeper.ts';
import { EtcdCertificate } from '../app/identity/etcd-certificate.ts';
import { LeafRenewal } from '../app/identity/leaf-renewal.ts';
import { RequestDesk } from '../app/identity/request-desk.ts';
import type { ControllerConfig } from '../config/options/controller.ts';
import { targetOf } from '../config/options/electorate.ts';
import { LEAF_MS } from '../core/certificates/renewal.ts';
import { controllerIdentity } from '../core/identity.ts';
import { OpError } from '../core/op-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Credentials } from '../ports/credentials.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Random } from '../ports/random.ts';

interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A controller that makes the certificates of its cluster. */
export interface Issuing {
  /** Resolves when this controller has its own certificate, in the files of the configuration. */
  readonly start: () => Promise<void>;
  /** Certifies agents, from now on. Rejects with OpError where the address cannot be bound. */
  readonly serve: (credentials: Credentials) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Undefined where somebody else makes them. */
export function openIssuing(config: ControllerConfig, ports: Ports): Issuing | undefined {
  const { authority, agentAccount, identityListen, tlsCert, tlsKey, tlsCa } = config;
  if (!authority || !agentAccount || !identityListen) return undefined;
  if (tlsCert === undefined || tlsKey === undefined || tlsCa === undefined) return undefined;
  const { clock, metrics } = ports;
  const holder = { name: config.id, identity: controllerIdentity(config.id) };
  const files = new IdentityFiles({ certificate: tlsCert, privateKey: tlsKey, authorities: tlsCa, holder, clock });
  const api = new ApiClient(
    new KubeconfigAccess(config.kubeconfig === undefined ? {} : { path: config.kubeconfig }),
    metrics,
  );
  const { namespace, name } = authority;
  const store = new KubeCertificateStore({ api, namespace, authority: name, etcd: config.etcdSecret });
  const certifier = new X509Certifier(clock);
  const hosts = config.etcd.map((url) => new URL(url).hostname);
  const members = new KubeEtcdMembers(
    api,
    namespace,
    hosts.map((host) => host.split('.', 1)[0] ?? host),
  );
  const common = { ...ports, store, certifier };
  const etcd = config.etcdSecret === undefined ? undefined : new EtcdCertificate({ ...common, members }, hosts);
  const keeper = new AuthorityKeeper({ ...common, trust: files, etcd });
  const obtain = (): ReturnType<X509Certifier['issue']> => {
    const issuer = keeper.issuer();
    const message = 'the certificate authority of the cluster is not known yet';
    if (!issuer) return Promise.reject(new OpError('Unavailable', message));
    return certifier.issue(issuer, holder, clock.wallNow().getTime() + LEAF_MS);
  };
  const renewal = new LeafRenewal({ ...ports, files, source: { obtain } });
  const desk = new RequestDesk({
    issuer: () => keeper.issuer(),
    account: agentAccount,
    certifier,
    reviewer: new KubeTokenReviewer(api),
    clock,
  });
  let server: GrpcIdentityServer | undefined;
  return {
    start: async () => {
      await keeper.start();
      await renewal.start();
    },
    serve: (credentials) => {
      server = new GrpcIdentityServer({ ...ports, listen: targetOf(identityListen), credentials });
      return server.start((request) => desk.sign(request));
    },
    stop: async () => {
      await server?.stop();
      renewal.stop();
      keeper.stop();
      await api.close();
    },
  };
}
