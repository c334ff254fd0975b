/** etcd, API server, controller manager and scheduler, on a machine that is no node. */
import { request } from 'node:https';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ip } from '../lib/ip.ts';
import { CONTROL, CONTROL_ADDRESS, type Lab } from '../lib/lab.ts';
import type { LabProcess } from '../lib/process.ts';
import { waitFor } from '../lib/wait.ts';
import { API_PORT, API_URL, podSubnetOf, SERVICE_SUBNET } from './addresses.ts';
import { ADMIN, CONTROLLER_MANAGER, type Credentials, SCHEDULER } from './credentials.ts';
import { tool } from './tools.ts';

const ETCD = 'http://127.0.0.1:2379';
const READY_WITHIN_MS = 120_000;
const CALL_MS = 2_000;

export class ControlPlane {
  readonly etcd: LabProcess;
  readonly apiServer: LabProcess;
  /** Of an administrator. */
  readonly kubeconfig: string;

  private constructor(etcd: LabProcess, apiServer: LabProcess, kubeconfig: string) {
    this.etcd = etcd;
    this.apiServer = apiServer;
    this.kubeconfig = kubeconfig;
  }

  /** @throws Error with what the API server logged where it does not become ready. */
  static async start(lab: Lab, credentials: Credentials): Promise<ControlPlane> {
    const { directory } = credentials;
    // What pods answer comes back to the API server.
    [...lab.hosts.values()].forEach((host, index) =>
      ip(`-n ${CONTROL} route add ${podSubnetOf(index)} via ${host.addresses.management}`),
    );
    const etcd = lab.run('etcd', CONTROL, [
      tool('etcd'),
      `--data-dir=${join(lab.directory, 'etcd-data')}`,
      `--listen-client-urls=${ETCD}`,
      `--advertise-client-urls=${ETCD}`,
      '--listen-peer-urls=http://127.0.0.1:2380',
      '--unsafe-no-fsync',
      '--log-level=warn',
    ]);
    const apiServer = lab.run('kube-apiserver', CONTROL, apiServerCommand(credentials));
    await waitFor(
      'the API server',
      () => existsSync(credentials.serverCertificate) && isReady(credentials.authority()),
      READY_WITHIN_MS,
      () => apiServer.log().slice(-2_000),
    );
    const manager = credentials.writeKubeconfig(CONTROLLER_MANAGER, join(directory, 'controller-manager.kubeconfig'));
    lab.run('kube-controller-manager', CONTROL, [
      tool('kube-controller-manager'),
      `--kubeconfig=${manager}`,
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${credentials.serviceAccountKey}`,
      `--root-ca-file=${credentials.serverCertificate}`,
      '--leader-elect=false',
      '--secure-port=0',
    ]);
    const scheduler = credentials.writeKubeconfig(SCHEDULER, join(directory, 'scheduler.kubeconfig'));
    lab.run('kube-scheduler', CONTROL, [
      tool('kube-scheduler'),
      `--kubeconfig=${scheduler}`,
      '--leader-elect=false',
      '--secure-port=0',
    ]);
    return new ControlPlane(etcd, apiServer, credentials.writeKubeconfig(ADMIN, join(directory, 'admin.kubeconfig')));
  }
}

const apiServerCommand = ({ directory, tokenFile, serviceAccountKey }: Credentials): readonly string[] => [
  tool('kube-apiserver'),
  `--etcd-servers=${ETCD}`,
  `--bind-address=${CONTROL_ADDRESS}`,
  `--advertise-address=${CONTROL_ADDRESS}`,
  `--secure-port=${API_PORT}`,
  // It makes its own certificate here, with its authority behind it in the same file.
  `--cert-dir=${directory}`,
  `--token-auth-file=${tokenFile}`,
  '--authorization-mode=Node,RBAC',
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-key-file=${serviceAccountKey}`,
  `--service-account-signing-key-file=${serviceAccountKey}`,
  `--service-cluster-ip-range=${SERVICE_SUBNET}`,
  '--allow-privileged=true',
  '--kubelet-preferred-address-types=InternalIP',
  '--profiling=false',
];

/** Everybody may ask. */
const isReady = (ca: string): Promise<boolean> =>
  new Promise((resolve) => {
    const call = request(`${API_URL}/readyz`, { ca, timeout: CALL_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end();
  });
