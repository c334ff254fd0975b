/** What an agent says to the controllers of a test, heartbeat by heartbeat; it counts its lease as the real one does. */
import { electorateName } from '../core/electorate.ts';
import { epoch, incarnation } from '../core/ids.ts';
import type { AgentMessage, ControllerMessage } from '../core/messages.ts';
import type { Term } from '../core/term.ts';
import type { Controllers } from './controllers.ts';
import { applied, electorate, healthReport, n } from './core-builders.ts';

const HEARTBEAT_MS = 200;

export class LeasingAgent {
  readonly #controllers: Controllers;
  readonly #session: number;
  readonly name: string;
  life = 'life-1';
  epoch = 1;
  leaseValid = true;
  /** Version that it has adopted, and that all it holds rests on. */
  electorate = 1;
  witnessAddress = '';
  answersMulticast = false;
  /** Of a master, as far as it was told; without one it is given nothing. */
  highestTerm: Term | undefined;
  #sequence = 0;

  /** @param session unique among the agents of a test */
  constructor(controllers: Controllers, name: string, session: number) {
    this.#controllers = controllers;
    this.name = name;
    this.#session = session;
  }

  get lease() {
    return { incarnation: incarnation(this.life), epoch: epoch(this.epoch) };
  }

  greet(...ids: readonly string[]): void {
    const { lease, name } = this;
    const messages: AgentMessage[] = [
      {
        kind: 'hello',
        node: n(name),
        machineId: 'm',
        bootId: 'b',
        lease,
        leaseHeldMs: 0,
        labels: {},
        agentVersion: '1',
        electorate: electorateName(electorate(this.#controllers.ids.length)),
        witnessAddress: this.witnessAddress,
        answersMulticast: this.answersMulticast,
      },
      { kind: 'health', ...healthReport() },
      { kind: 'applied', ...applied(name, { lease }) },
    ];
    for (const id of ids) for (const message of messages) this.#controllers.agentSays(id, this.#session, message);
  }

  /** One round of heartbeats; what each of them was answered. */
  beat(...ids: readonly string[]): (ControllerMessage | undefined)[] {
    const { lease, leaseValid, highestTerm, electorate: version } = this;
    const sequence = ++this.#sequence;
    const message = {
      kind: 'heartbeat',
      sequence,
      lease,
      leaseValid,
      highestTerm,
      electorate: version,
      restsOn: version,
    } as const;
    return ids.map((id) => {
      this.#controllers.agentSays(id, this.#session, message);
      return this.#controllers.told.findLast(
        (told) =>
          told.id === id &&
          told.session === this.#session &&
          (told.message.kind === 'ack' || told.message.kind === 'nack'),
      )?.message;
    });
  }

  /** Heartbeats to these for so long. */
  keep(ms: number, ...ids: readonly string[]): void {
    for (let passed = 0; passed < ms; passed += HEARTBEAT_MS) {
      this.beat(...ids);
      this.#controllers.run(HEARTBEAT_MS);
    }
  }
}
