/** A node: a host of the lab whose programs are containerd, kubelet and kube-proxy, and whatever pods run on it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Host, HOST_ROOT, type HostPart, MANAGEMENT_NIC } from '../lib/host.ts';
import { ip } from '../lib/ip.ts';
import { SWITCH_ADDRESS } from '../lib/lab.ts';
import type { LabProcess } from '../lib/process.ts';
import { podSubnetOf } from './addresses.ts';
import { NodeCgroup } from './cgroup.ts';
import type { Credentials } from './credentials.ts';
import { writeBaseSpec, writeNodeConfig } from './node-config.ts';
import { run } from './run.ts';
import { tool } from './tools.ts';

const BOOT = resolve(import.meta.dirname, 'boot-node.sh');
/** Folders that are mounted over in every node: they have to be there. */
const MOUNT_POINTS = ['/run/containerd', '/run/vippool', HOST_ROOT];

export interface NodeOptions {
  readonly lab: string;
  /** From 0. */
  readonly index: number;
  /** Of all nodes, in order. */
  readonly hosts: readonly Host[];
  readonly credentials: Credentials;
}

export class ClusterNode implements HostPart {
  readonly host: Host;
  readonly cgroup: NodeCgroup;
  readonly #config: string;
  readonly #routes: readonly string[];
  #system: LabProcess | undefined;

  constructor(host: Host, { lab, index, hosts, credentials }: NodeOptions) {
    this.host = host;
    this.cgroup = new NodeCgroup(lab, host.name);
    this.#config = host.logs;
    this.#routes = [
      `default via ${SWITCH_ADDRESS} dev ${MANAGEMENT_NIC}`,
      ...hosts.flatMap(({ addresses }, other) =>
        other === index ? [] : [`${podSubnetOf(other)} via ${addresses.management} dev ${MANAGEMENT_NIC}`],
      ),
    ];
    writeNodeConfig(this.#config, {
      node: host.name,
      podSubnet: podSubnetOf(index),
      cgroup: this.cgroup.path,
      bootId: join(host.directory, 'boot-id'),
      credentials,
    });
  }

  /** Power on for the first time. */
  start(): void {
    writeBaseSpec(this.#config, execFileSync(tool('ctr'), ['oci', 'spec'], { encoding: 'utf8' }));
    const disk = join(this.host.root, 'var');
    for (const directory of [disk, ...MOUNT_POINTS]) mkdirSync(directory, { recursive: true });
    const groups = this.cgroup.create();
    this.#addRoutes();
    const programs = ['containerd', 'containerd-shim-runc-v2', 'ctr', 'kube-proxy', 'kubelet', 'runc'] as const;
    const path = [...new Set(programs.map((name) => dirname(tool(name)))), process.env['PATH']].join(':');
    this.#system = this.host.run(
      'system',
      ['sh', BOOT, this.#config, ...groups],
      { PATH: path, NODE: this.host.name, NODE_IP: this.host.addresses.management },
      { '/var': disk },
    );
    this.host.add(this);
  }

  /** Runs a program where the node's own ones run. @returns what it printed. @throws Error with what it said. */
  run(command: readonly string[]): Promise<string> {
    const target = String(this.#system?.pid ?? 0);
    return run('nsenter', ['--target', target, '--net', '--mount', '--', ...command]);
  }

  /** When containerd runs. */
  async loadImage(archive: string): Promise<void> {
    await this.run([tool('ctr'), '--namespace', 'k8s.io', 'images', 'import', archive]);
  }

  /** A second name for an image that is loaded. */
  async nameImage(name: string, alias: string): Promise<void> {
    await this.run([tool('ctr'), '--namespace', 'k8s.io', 'images', 'tag', '--force', name, alias]);
  }

  /** Every process of the node stands still; its kernel does not. */
  freeze(): () => void {
    this.cgroup.freeze();
    return () => this.cgroup.thaw();
  }

  async powerOff(): Promise<void> {
    await this.cgroup.kill();
    // What follows is lost with the memory of the kernel.
    this.cgroup.remove();
    execFileSync('nsenter', [`--net=/run/netns/${this.host.name}`, 'nft', 'flush', 'ruleset']);
  }

  powerOn(): void {
    this.cgroup.create();
    this.#addRoutes();
  }

  async shutDown(): Promise<void> {
    await this.powerOff();
  }

  #addRoutes(): void {
    ip(...this.#routes.map((route) => `-n ${this.host.name} route replace ${route}`));
  }
}
