import { ClientStream, type ClientStreamOptions } from './client-stream.ts';
import type { Answer, Question } from './witness-message-codec.ts';

export interface WitnessPeerOptions {
  /** One for each address of the peer. */
  readonly streams: readonly ClientStreamOptions<Question, Answer>[];
  /** Connects soon, whether it is asked or not, and stays connected. */
  readonly eager: boolean;
  /** Whether an answer on such a stream comes from this peer. */
  readonly isFromPeer: (answer: Answer, address: string) => boolean;
  readonly onAnswer: (message: Answer['message']) => void;
}

/** A stream that nobody asked over for so long is closed, where it is not kept. */
export const IDLE_MS = 30_000;
/**
 * Who is given a VIP is told of its peers with it. Connecting to them keeps the process busy for milliseconds, in which the
 * next VIP would not be answered.
 */
const CONNECT_AFTER_MS = 50;
/** Answers to older questions of ours are of no use any more. */
const REMEMBERED = 64;

/** Our way to one other agent: a stream to each of its addresses. */
export class WitnessPeer {
  readonly #options: WitnessPeerOptions;
  readonly #asked = new Set<number>();
  #streams: ClientStream<Question, Answer>[] = [];
  /** For streams that are opened because of it; a newer question takes the place of the older one. */
  #question: Question | undefined;
  #disarm: () => void = () => undefined;

  constructor(options: WitnessPeerOptions) {
    this.#options = options;
    if (options.eager) this.#after(CONNECT_AFTER_MS, () => this.#open());
  }

  ask(question: Question): void {
    this.#asked.add(question.sequence);
    if (this.#asked.size > REMEMBERED) this.#asked.delete(Math.min(...this.#asked));
    if (!this.#options.eager) this.#question = question;
    this.#open();
    for (const stream of this.#streams) if (stream.ready) stream.write(question);
    if (!this.#options.eager) this.#closeWhenIdle();
  }

  async close(): Promise<void> {
    this.#disarm();
    this.#question = undefined;
    this.#asked.clear();
    await Promise.all(this.#streams.splice(0).map((stream) => stream.close()));
  }

  #open(): void {
    if (this.#streams.length > 0) return;
    this.#streams = this.#options.streams.map((options) => this.#newStream(options));
    for (const stream of this.#streams) stream.open();
  }

  #newStream(options: ClientStreamOptions<Question, Answer>): ClientStream<Question, Answer> {
    const stream = new ClientStream(options, (event) => {
      if (event.kind === 'opened' && this.#question) stream.write(this.#question);
      if (event.kind === 'message') this.#hear(event.message, stream);
    });
    return stream;
  }

  /** Of several answers to a question the first one counts. */
  #hear(answer: Answer, stream: ClientStream<Question, Answer>): void {
    if (!this.#options.isFromPeer(answer, stream.address)) {
      stream.reject();
      return;
    }
    if (!this.#asked.delete(answer.message.sequence)) return;
    if (this.#question?.sequence === answer.message.sequence) this.#question = undefined;
    this.#options.onAnswer(answer.message);
  }

  #closeWhenIdle(): void {
    this.#disarm();
    this.#after(IDLE_MS, () => void this.close());
  }

  #after(ms: number, then: () => void): void {
    const [stream] = this.#options.streams;
    if (stream) this.#disarm = stream.clock.after(ms, then);
  }
}
