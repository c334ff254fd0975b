import type { NodeName } from '../core/ids.ts';
import type { Term } from '../core/term.ts';

/** A node that has answered the last question, and from where. */
export interface MemberAnswer {
  readonly node: NodeName;
  /** Canonical text. */
  readonly address: string;
}

/** The master's side: asks every node on the management network at once, by one datagram. */
export interface MemberProbe {
  /** Throws OpError where the host cannot send such a datagram. */
  start(onAnswer: (answer: MemberAnswer) => void): Promise<void>;
  /** Answers to earlier questions do not count any more. What cannot be sent is counted. */
  ask(term: Term): void;
  stop(): Promise<void>;
}
