/** A real Kubernetes cluster on a lab: a control plane, and nodes that are its hosts. Inside of an isolation. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isolationPid } from '../lib/isolation.ts';
import { Lab } from '../lib/lab.ts';
import { waitFor } from '../lib/wait.ts';
import { removeLabCgroup } from './cgroup.ts';
import { Client } from './client.ts';
import { ControlPlane } from './control-plane.ts';
import { ADMIN, CONTROLLER_MANAGER, Credentials, kubeletOf, PROXY, SCHEDULER } from './credentials.ts';
import { DNS_DEPLOYMENT, dnsManifest } from './dns.ts';
import type { Image } from './images.ts';
import { ClusterNode } from './node.ts';

/** Nodes of the clusters of this process: a frozen one would outlive it. */
const LIVING = new Set<ReadonlyMap<string, ClusterNode>>();
process.once('exit', () => LIVING.forEach((nodes) => nodes.forEach((node) => node.cgroup.thaw())));

const READY_WITHIN_MS = 180_000;
const POLL_MS = 500;

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

export class KubeCluster {
  readonly lab: Lab;
  readonly controlPlane: ControlPlane;
  readonly nodes: ReadonlyMap<string, ClusterNode>;
  readonly client: Client;

  private constructor(lab: Lab, controlPlane: ControlPlane, nodes: ReadonlyMap<string, ClusterNode>) {
    this.lab = lab;
    this.controlPlane = controlPlane;
    this.nodes = nodes;
    const home = join(lab.directory, 'home');
    mkdirSync(home, { recursive: true });
    this.client = new Client(controlPlane.kubeconfig, home);
  }

  /** Resolves when every node is Ready. @param count of nodes. @throws Error naming what did not become ready. */
  static async start(count: number): Promise<KubeCluster> {
    const names = Array.from({ length: count }, (_, index) => `node-${index + 1}`);
    const lab = Lab.create(names);
    const nodes = new Map<string, ClusterNode>();
    LIVING.add(nodes);
    try {
      const users = [ADMIN, CONTROLLER_MANAGER, SCHEDULER, PROXY, ...names.map(kubeletOf)];
      const credentials = new Credentials(join(lab.directory, 'credentials'), users);
      const controlPlane = await ControlPlane.start(lab, credentials);
      const hosts = [...lab.hosts.values()];
      for (const [index, host] of hosts.entries()) {
        const node = new ClusterNode(host, { lab: isolationPid(), index, hosts, credentials });
        nodes.set(host.name, node);
        node.start();
      }
      const cluster = new KubeCluster(lab, controlPlane, nodes);
      await cluster.nodesReady();
      return cluster;
    } catch (error) {
      await destroy(lab, nodes);
      throw error;
    }
  }

  node(name: string): ClusterNode {
    const node = this.nodes.get(name);
    if (!node) throw new Error(`the cluster has no node ${name}`);
    return node;
  }

  async nodesReady(): Promise<void> {
    let last = 'no answer';
    const ready = async (): Promise<boolean> => {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      const { items } = (await this.client.get('nodes')) as NodeList;
      const isReady = items.filter(({ status }) =>
        status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
      );
      last = `${isReady.length} of ${this.nodes.size} are`;
      return isReady.length === this.nodes.size;
    };
    await waitFor('every node to be Ready', ready, READY_WITHIN_MS, () => `${last}${this.#logs()}`);
  }

  /** Into every node. */
  async loadImages(images: readonly Image[]): Promise<void> {
    const load = async (node: ClusterNode): Promise<void> => {
      for (const { archive } of images) await node.loadImage(archive);
    };
    await Promise.all([...this.nodes.values()].map(load));
  }

  /** A second name for an image, on every node. */
  async nameImage(name: string, alias: string): Promise<void> {
    await Promise.all([...this.nodes.values()].map((node) => node.nameImage(name, alias)));
  }

  /** Resolves when the names of services are answered. */
  async startDns(): Promise<void> {
    await this.client.apply(dnsManifest());
    await this.client.kubectl(['-n', 'kube-system', 'rollout', 'status', `deployment/${DNS_DEPLOYMENT}`], {
      timeoutMs: READY_WITHIN_MS,
    });
  }

  async destroy(): Promise<void> {
    await destroy(this.lab, this.nodes);
  }

  /** What the nodes said last, for a failure's message. */
  #logs(): string {
    const tails = [...this.nodes.values()].map(({ host }) => {
      const said = host.processes.map((item) => item.log().trimEnd().split('\n').slice(-5).join('\n'));
      return `--- ${host.name}\n${said.join('\n')}`;
    });
    return `\n${tails.join('\n')}`;
  }
}

async function destroy(lab: Lab, nodes: ReadonlyMap<string, ClusterNode>): Promise<void> {
  await lab.destroy();
  LIVING.delete(nodes);
  for (const node of nodes.values()) node.cgroup.remove();
  removeLabCgroup(isolationPid());
}
