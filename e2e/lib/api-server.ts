import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { startKubeApiserver, type KubeApiserver } from '../../src/testing/servers/kube-apiserver.ts';
import { toolPath } from '../../src/testing/missing.ts';
import { ETCD_URL } from './cluster.ts';
import { SWITCH_ADDRESS } from './lab.ts';

const CRDS = resolve(import.meta.dirname, '../../crds');

/** A real API server with our CRDs on the management network of a lab, and kubectl for it. */
export class ApiServer {
  readonly server: KubeApiserver;

  private constructor(server: KubeApiserver) {
    this.server = server;
  }

  /** Uses the cluster's etcd, which must run. */
  static async start(): Promise<ApiServer> {
    const server = await startKubeApiserver({
      binary: toolPath('kube-apiserver'),
      etcd: ETCD_URL,
      bindAddress: SWITCH_ADDRESS,
    });
    const api = new ApiServer(server);
    api.kubectl('apply', '-f', CRDS);
    api.kubectl('wait', '--for=condition=Established', '--timeout=20s', 'crd', '--all');
    return api;
  }

  get source(): readonly string[] {
    return ['--source=kubernetes', `--kubeconfig=${this.server.kubeconfigPath}`];
  }

  /** @throws Error with what kubectl said. */
  kubectl(...args: readonly string[]): string {
    return this.#run(args);
  }

  /** `kubectl apply -f -`, fast: without a round trip for the schema. */
  apply(manifest: string): string {
    return this.#run(['apply', '--validate=false', '-f', '-'], manifest);
  }

  get(...args: readonly string[]): unknown {
    return JSON.parse(this.#run(['get', '-o', 'json', ...args]));
  }

  #run(args: readonly string[], input?: string): string {
    try {
      return execFileSync(toolPath('kubectl'), ['--kubeconfig', this.server.kubeconfigPath, ...args], {
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'pipe'],
        ...(input === undefined ? {} : { input }),
      });
    } catch (error) {
      const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
      throw new Error(`kubectl ${args.join(' ')}: ${said}`, { cause: error });
    }
  }
}
