import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GrpcAgentServer } from '../adapters/grpc/grpc-agent-server.ts';
import { GrpcControllerLink } from '../adapters/grpc/grpc-controller-link.ts';
import { GrpcServer } from '../adapters/grpc/grpc-server.ts';
import { systemSockets as sockets } from '../adapters/system/system-sockets.ts';
import { CredentialFiles } from '../adapters/tls/credential-files.ts';
import type { LeafRenewal } from '../app/identity/leaf-renewal.ts';
import { openEnrolment } from '../bin/enrolling.ts';
import { type Issuing, openIssuing } from '../bin/issuing.ts';
import type { AgentConfig } from '../config/options/agent.ts';
import type { ControllerConfig } from '../config/options/controller.ts';
import type { ObjectName } from '../config/values/names.ts';
import { controllerIdentity, nodeIdentity } from '../core/identity.ts';
import { controllerId, nodeName } from '../core/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { KeyMaterial } from '../ports/credentials.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { realClock, realRandom as random } from './real-time.ts';
import { RecordedPorts } from './recorded-ports.ts';
import { ack, heartbeat, hello } from './wire-messages.ts';
import { AgentSide, ControllerSide } from './wire-sides.ts';

/** So much faster than real do the long waits of certificates pass. */
const HURRY = 60;
const LONG_MS = 5_000;
const BEAT_MS = 50;

/** Real time, but for the wall clock, which a test moves, and for waits of minutes, which last seconds. */
export class HurriedClock implements Clock {
  #offsetMs: number;

  constructor(offsetMs: number) {
    this.#offsetMs = offsetMs;
  }

  now = (): ReturnType<Clock['now']> => realClock.now();

  wallNow = (): Date => new Date(realClock.wallNow().getTime() + this.#offsetMs);

  after = (ms: number, fire: () => void): (() => void) => realClock.after(ms > LONG_MS ? ms / HURRY : ms, fire);

  /** Moves the wall clock, in steps that leave everybody time to look at it. */
  async hurry(ms: number): Promise<void> {
    const stepMs = 1_200_000;
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.#offsetMs += Math.min(stepMs, ms - passed);
      await new Promise<void>((resolve) => void realClock.after(30, resolve));
    }
  }
}

const filesIn = (directory: string) => ({
  certificate: join(directory, 'tls.crt'),
  privateKey: join(directory, 'tls.key'),
  authorities: join(directory, 'ca.crt'),
});

export interface CertifyingControllerOptions {
  /** From 1; has an address of its own. */
  readonly ordinal: number;
  readonly authority: ObjectName;
  readonly account: ObjectName;
  readonly etcdSecret: string;
  readonly directory: string;
  readonly kubeconfig: string;
  readonly clock: Clock;
}

/** A controller that starts again has the ports that it had; the one for certificates is the same for all. */
const ports = new Map<string, Promise<number>>();
function portOf(use: string): Promise<number> {
  const port = ports.get(use) ?? freePort();
  ports.set(use, port);
  return port;
}

/** What a controller has to do with certificates, and the port where it answers heartbeats. */
export class CertifyingController {
  readonly id;
  readonly host: string;
  readonly port: number;
  readonly identityPort: number;
  readonly files: ReturnType<typeof filesIn>;
  readonly ports = new RecordedPorts();
  readonly #issuing: Issuing;
  readonly #side: ControllerSide;
  readonly #credentials: CredentialFiles;

  private constructor(
    { ordinal, directory, clock }: CertifyingControllerOptions,
    host: string,
    port: number,
    identityPort: number,
    issuingOf: (ports: RecordedPorts, listen: { host: string; port: number }) => Issuing,
  ) {
    this.id = controllerId(`c${ordinal}`);
    this.host = host;
    this.port = port;
    this.identityPort = identityPort;
    this.files = filesIn(directory);
    const { log, metrics } = this.ports;
    this.#issuing = issuingOf(this.ports, { host, port: identityPort });
    const credentials = { files: this.files, identity: controllerIdentity(this.id), use: 'peers', clock: realClock };
    this.#credentials = new CredentialFiles<KeyMaterial>({ ...credentials, log, metrics, pollMs: 200 });
    const server = new GrpcServer({ listen: `${host}:${port}`, credentials: this.#credentials, clock, log, metrics });
    this.#side = new ControllerSide(new GrpcAgentServer({ server, clock, log, metrics }));
    this.#side.react = (event) => {
      if (event.kind !== 'message' || event.message.kind !== 'heartbeat') return;
      this.#side.server.send(event.session, ack(event.message.sequence));
    };
  }

  static async start(options: CertifyingControllerOptions): Promise<CertifyingController> {
    const identityPort = await portOf('identity');
    const port = await portOf(`c${options.ordinal}`);
    const host = `127.0.0.${options.ordinal}`;
    const files = filesIn(options.directory);
    const made = new CertifyingController(options, host, port, identityPort, ({ log, metrics }, listen) => {
      const config: Partial<ControllerConfig> = {
        id: controllerId(`c${options.ordinal}`),
        authority: options.authority,
        agentAccount: options.account,
        identityListen: listen,
        etcdSecret: options.etcdSecret,
        etcd: ['https://etcd-0.etcd:2379'],
        kubeconfig: options.kubeconfig,
        tlsCert: files.certificate,
        tlsKey: files.privateKey,
        tlsCa: files.authorities,
      };
      const issuing = openIssuing(config as ControllerConfig, { clock: options.clock, random, log, metrics });
      if (!issuing) throw new Error('the configuration has no authority');
      return issuing;
    });
    await made.#issuing.start();
    await made.#credentials.start();
    await made.#issuing.serve(made.#credentials);
    await made.#side.start();
    return made;
  }

  async stop(): Promise<void> {
    await this.#side.stop();
    await this.#issuing.stop();
    this.#credentials.stop();
  }
}

export interface CertifiedAgentOptions {
  readonly node: string;
  /** File of its token. */
  readonly token: string;
  readonly directory: string;
  readonly controllers: readonly Pick<CertifyingController, 'id' | 'host' | 'port' | 'identityPort'>[];
  readonly clock: Clock;
}

/** What an agent has to do with certificates, and its heartbeats. */
export class CertifiedAgent {
  readonly files: ReturnType<typeof filesIn> & { readonly token: string };
  readonly ports = new RecordedPorts();
  readonly #options: CertifiedAgentOptions;
  readonly #renewal: LeafRenewal;
  readonly #credentials: CredentialFiles;
  #side: AgentSide | undefined;
  #stopped = false;
  #beats: NodeJS.Timeout | undefined;
  readonly #sentAt = new Map<number, number>();
  readonly #answered = new Set<number>();
  #longestMs = 0;

  constructor(options: CertifiedAgentOptions) {
    this.#options = options;
    const { clock, directory, node, token, controllers } = options;
    mkdirSync(directory, { recursive: true });
    this.files = { ...filesIn(directory), token };
    const config: Partial<AgentConfig> = {
      nodeName: nodeName(node),
      controllers,
      identityToken: token,
      identityPort: controllers[0]?.identityPort ?? 0,
      tlsCert: this.files.certificate,
      tlsKey: this.files.privateKey,
      tlsCa: this.files.authorities,
    };
    const { log, metrics } = this.ports;
    const renewal = openEnrolment(config as AgentConfig, { clock, random, sockets, log, metrics });
    if (!renewal) throw new Error('the configuration has no token');
    this.#renewal = renewal;
    const { certificate, privateKey, authorities } = this.files;
    const files = { certificate, privateKey, authorities };
    const identity = nodeIdentity(nodeName(node));
    this.#credentials = new CredentialFiles<KeyMaterial>({
      files,
      identity,
      use: 'peers',
      clock: realClock,
      log,
      metrics,
      pollMs: 200,
    });
  }

  /** What a kubelet does with the ConfigMap. */
  trust(authorities: string): Promise<void> {
    writeFileSync(this.files.authorities, authorities);
    return Promise.resolve();
  }

  async start(): Promise<void> {
    await this.#renewal.start();
    if (this.#stopped || this.#side) return;
    await this.#credentials.start();
    await this.#connect();
  }

  async #connect(): Promise<void> {
    const { controllers, node } = this.#options;
    const { log, metrics } = this.ports;
    const list = controllers.map(({ id, host, port }) => ({ id, address: `${host}:${port}` }));
    const common = { clock: realClock, random, sockets, log, metrics };
    const link = new GrpcControllerLink({ credentials: this.#credentials, ...common });
    link.connect(list);
    const side = new AgentSide(link);
    this.#side = side;
    side.react = (event) => {
      if (event.kind === 'connected') side.link.send(event.controller, hello(node));
      if (event.kind !== 'message' || event.message.kind !== 'ack') return;
      const { sequence } = event.message;
      this.#answered.add(sequence);
      this.#longestMs = Math.max(this.#longestMs, performance.now() - (this.#sentAt.get(sequence) ?? 0));
    };
    await side.start();
    this.#beats = setInterval(() => {
      const [first] = controllers;
      if (!first || !side.isConnected(first.id)) return;
      this.#sentAt.set(this.#sentAt.size + 1, performance.now());
      side.link.send(first.id, heartbeat(this.#sentAt.size));
    }, BEAT_MS);
  }

  /** New connections to all controllers, in the place of those that are there. */
  async reconnect(): Promise<void> {
    clearInterval(this.#beats);
    await this.#side?.stop();
    await this.#connect();
  }

  /** With all controllers, and heartbeats are answered. */
  async connected(): Promise<void> {
    const isConnected = (): boolean => this.#options.controllers.every(({ id }) => this.#side?.isConnected(id));
    await eventually(isConnected, (is) => is, 20_000);
    const before = this.#answered.size;
    await eventually(
      () => this.#answered.size,
      (count) => count > before + 3,
      20_000,
    );
  }

  /** What connects next does so with what is in the files now. */
  reloaded(): Promise<void> {
    return this.#credentials.reload();
  }

  /** Of all heartbeats that were sent a while ago. */
  answers(): { readonly lost: number; readonly disconnected: number; readonly longestMs: number } {
    const old = [...this.#sentAt].filter(([, at]) => performance.now() - at > 2_000);
    return {
      lost: old.filter(([sequence]) => !this.#answered.has(sequence)).length,
      disconnected: this.#side?.events.filter(({ kind }) => kind === 'disconnected').length ?? 0,
      longestMs: this.#longestMs,
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#beats);
    this.#renewal.stop();
    await this.#side?.stop();
    this.#credentials.stop();
  }
}
