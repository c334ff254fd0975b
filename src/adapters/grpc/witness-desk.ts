import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { NodeName } from '../../core/ids.ts';
import type { Answer, Question } from './witness-message-codec.ts';
import type { AnswerWords, QuestionWords } from './witness-method.ts';

export type WitnessCall = ServerDuplexStream<QuestionWords, AnswerWords>;

/** More open questions than this are not kept: the oldest one is forgotten. */
export const MAX_QUESTIONS = 4_096;

/** Questions of peers that wait for our answer, with the streams that they came on. */
export class WitnessDesk {
  readonly #self: NodeName;
  readonly #questions = new Map<string, Set<WitnessCall>>();

  constructor(self: NodeName) {
    this.#self = self;
  }

  /** False where the same question has come by another way already and still waits. */
  take(question: Question, call: WitnessCall): boolean {
    const key = keyOf(question);
    const calls = this.#questions.get(key);
    if (calls) {
      calls.add(call);
      return false;
    }
    this.#questions.set(key, new Set([call]));
    const [oldest = key] = this.#questions.keys();
    if (this.#questions.size > MAX_QUESTIONS) this.#questions.delete(oldest);
    return true;
  }

  /** Goes back on every stream on which the question came; an answer to nothing is dropped. */
  answer(message: Answer['message']): void {
    const key = keyOf(message);
    for (const call of this.#questions.get(key) ?? []) {
      if (call.writable && !call.writableNeedDrain) call.write({ ok: true, value: { from: this.#self, message } });
    }
    this.#questions.delete(key);
  }
}

const keyOf = ({ node, lease, sequence }: Question | Answer['message']): string =>
  `${node} ${lease.incarnation} ${lease.epoch} ${sequence}`;
