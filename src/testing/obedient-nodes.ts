import { electorateName, type Electorate } from '../core/electorate.ts';
import { nodeName } from '../core/ids.ts';
import type { AgentMessage, ControllerMessage } from '../core/messages.ts';
import type { Term } from '../core/term.ts';
import type { AgentServer, AgentServerEvent, SessionId } from '../ports/agent-server.ts';
import { applied, healthReport, lease, link } from './core-builders.ts';

const HEARTBEAT_MS = 50;

interface ObedientNode {
  readonly name: string;
  readonly session: SessionId;
  sequence: number;
  healthNumber: number;
  highestTerm: Term | undefined;
}

/** Agents in real time that do at once what a controller in the same process tells them. */
export class ObedientNodes implements AgentServer {
  readonly #electorate: Electorate;
  readonly #nodes: readonly ObedientNode[];
  #onEvent: (event: AgentServerEvent) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(electorate: Electorate, ...names: readonly string[]) {
    this.#electorate = electorate;
    this.#nodes = names.map((name, index) => ({
      name,
      session: (index + 1) as SessionId,
      sequence: 0,
      healthNumber: 0,
      highestTerm: undefined,
    }));
  }

  start(onEvent: (event: AgentServerEvent) => void): Promise<void> {
    this.#onEvent = onEvent;
    setImmediate(() => {
      for (const node of this.#nodes) this.#greet(node);
    });
    this.#timer = setInterval(() => {
      for (const node of this.#nodes) this.#beat(node);
    }, HEARTBEAT_MS);
    return Promise.resolve();
  }

  send(session: SessionId, message: ControllerMessage): void {
    const node = this.#nodes.find((item) => item.session === session);
    if (!node) return;
    if (message.kind === 'ack' || message.kind === 'nack') node.highestTerm = message.term;
    if (message.kind !== 'assignment') return;
    const { lease: of, term, version, vips } = message;
    setImmediate(() =>
      this.#say(node, { kind: 'applied', ...applied(node.name, { lease: of, term, version, held: vips }) }),
    );
  }

  /** The service interface of a node loses or gets back its carrier. */
  setCarrier(name: string, carrier: boolean): void {
    const node = this.#nodes.find((item) => item.name === name);
    if (node) this.#tellHealth(node, carrier);
  }

  stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#onEvent = () => undefined;
    return Promise.resolve();
  }

  #greet(node: ObedientNode): void {
    const { name } = node;
    this.#say(node, {
      kind: 'hello',
      node: nodeName(name),
      machineId: name,
      bootId: name,
      lease: lease(name),
      leaseHeldMs: 60_000,
      labels: {},
      agentVersion: '0.1.0',
      electorate: electorateName(this.#electorate),
      witnessAddress: '',
      answersMulticast: false,
    });
    this.#tellHealth(node, true);
    this.#say(node, { kind: 'applied', ...applied(name, { lease: lease(name) }) });
    this.#beat(node);
  }

  #tellHealth(node: ObedientNode, carrier: boolean): void {
    const number = ++node.healthNumber;
    this.#say(node, { kind: 'health', ...healthReport({ number, interfaces: [link({ carrier })] }) });
  }

  #beat(node: ObedientNode): void {
    const { name, highestTerm } = node;
    const sequence = ++node.sequence;
    this.#say(node, {
      kind: 'heartbeat',
      sequence,
      lease: lease(name),
      leaseValid: true,
      highestTerm,
      electorate: 1,
      restsOn: 1,
    });
  }

  #say({ session }: ObedientNode, message: AgentMessage): void {
    this.#onEvent({ kind: 'message', session, message });
  }
}
