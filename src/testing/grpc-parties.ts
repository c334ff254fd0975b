import { GrpcAgentServer } from '../adapters/grpc/grpc-agent-server.ts';
import { GrpcControllerLink } from '../adapters/grpc/grpc-controller-link.ts';
import { GrpcServer } from '../adapters/grpc/grpc-server.ts';
import { systemSockets as sockets } from '../adapters/system/system-sockets.ts';
import { type ControllerId, controllerId } from '../core/ids.ts';
import type { Credentials } from '../ports/credentials.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { realClock as clock, realRandom as random } from './real-time.ts';
import { RecordedPorts } from './recorded-ports.ts';
import { AgentSide, ControllerSide } from './wire-sides.ts';

export const C1: ControllerId = controllerId('c1');

/** A controller c1 on one port and any number of agents, with one log and one set of metrics for all. */
export class GrpcParties {
  readonly port: number;
  readonly ports = new RecordedPorts();
  /** What every adapter needs. */
  readonly common = { clock, random, sockets, log: this.ports.log, metrics: this.ports.metrics };
  readonly #ending: (() => Promise<unknown>)[] = [];

  private constructor(port: number) {
    this.port = port;
  }

  static async create(): Promise<GrpcParties> {
    return new GrpcParties(await freePort());
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  newServer(credentials?: Credentials, listen = this.address): GrpcServer {
    return new GrpcServer({ listen, credentials, ...this.common });
  }

  /** The controller's port, with agents served at it. */
  async serve(credentials?: Credentials, server = this.newServer(credentials)): Promise<ControllerSide> {
    const side = new ControllerSide(new GrpcAgentServer({ server, ...this.common }));
    this.atEnd(() => side.stop());
    await side.start();
    return side;
  }

  async agent(credentials?: Credentials): Promise<AgentSide> {
    const controllers = [{ id: C1, address: this.address }];
    const link = new GrpcControllerLink({ credentials, ...this.common });
    link.connect(controllers);
    const side = new AgentSide(link);
    this.atEnd(() => side.stop());
    await side.start();
    return side;
  }

  async connectedAgent(credentials?: Credentials): Promise<AgentSide> {
    const side = await this.agent(credentials);
    await eventually(
      () => side.isConnected(C1),
      (is) => is,
      10_000,
    );
    return side;
  }

  refused(what: 'connections' | 'messages', reason: string): number {
    return this.ports.count(`${what}_refused_total reason=${reason}`);
  }

  untilRefused(what: 'connections' | 'messages', reason: string, times = 1): Promise<number> {
    return eventually(
      () => this.refused(what, reason),
      (count) => count >= times,
      10_000,
    );
  }

  /** Fields of everything in the log that somebody should look at. */
  get warnings(): readonly object[] {
    return this.ports.lines.filter(({ level }) => level === 'warn' || level === 'error').map(({ fields }) => fields);
  }

  atEnd(end: () => Promise<unknown>): void {
    this.#ending.push(end);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#ending.splice(0).map((end) => end()));
  }
}

export const disconnected = (side: AgentSide): Promise<boolean> =>
  eventually(
    () => side.events.some(({ kind }) => kind === 'disconnected'),
    (is) => is,
    10_000,
  );
