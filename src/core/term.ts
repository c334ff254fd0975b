import { compareText } from './compare-text.ts';
import type { ControllerId } from './ids.ts';
import { compareIps, parseIp } from './ip.ts';

/**
 * A term names one reign of one master process: a number and the instance that holds it. Terms are compared as a
 * pair and never used twice, so two masters that won the same number are still told apart (failure model: Election).
 */
export interface Term {
  readonly number: number;
  readonly instance: Instance;
}

/** One run of a controller process. */
export interface Instance {
  readonly id: ControllerId;
  /** Larger wins a duel; the operator's choice of the first master. */
  readonly priority: number;
  /** Management address (canonical text); the larger one wins between equal priorities. */
  readonly address: string;
  /** Random per process start. */
  readonly nonce: string;
}

/** Below 0: a is the lower term. 0: the same reign. */
export function compareTerms(a: Term, b: Term): number {
  return a.number - b.number || compareInstances(a.instance, b.instance);
}

export function compareInstances(a: Instance, b: Instance): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  return (a.address === b.address ? 0 : compareAddresses(a.address, b.address)) || compareText(a.nonce, b.nonce);
}

function compareAddresses(a: string, b: string): number {
  const left = parseIp(a);
  const right = parseIp(b);
  return left && right ? compareIps(left, right) : compareText(a, b);
}

/** The higher of two terms, either of which may be unknown. */
export function higherTerm(a: Term | undefined, b: Term | undefined): Term | undefined {
  if (!a || !b) return a ?? b;
  return compareTerms(a, b) >= 0 ? a : b;
}

/** "7/controller-0" */
export const formatTerm = (term: Term): string => `${term.number}/${term.instance.id}`;
