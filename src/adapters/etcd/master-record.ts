import { controllerId } from '../../core/ids.ts';
import { parseIp } from '../../core/ip.ts';
import { OpError } from '../../core/op-error.ts';
import type { Term } from '../../core/term.ts';

/** Reads the master record; somebody else's text below our prefix is an error that names the key. */
export function readTerm(text: string): Term {
  const term = recordedTerm(text);
  if (term) return term;
  const message =
    'the key "master" below --etcd-prefix is not a record of vippool: choose another prefix or delete the key';
  throw new OpError('InvalidInput', message);
}

function recordedTerm(text: string): Term | undefined {
  let record: Fields<Term>;
  try {
    record = (JSON.parse(text) ?? {}) as Fields<Term>;
  } catch {
    return undefined;
  }
  const { id, priority, address, nonce } = (record.instance ?? {}) as Fields<Term['instance']>;
  if (typeof id !== 'string' || typeof nonce !== 'string' || typeof address !== 'string') return undefined;
  // Terms are compared by these: a hole in one of them would make every comparison false.
  if (!isWhole(record.number, 1) || !isWhole(priority, 0) || !parseIp(address)) return undefined;
  return { number: record.number, instance: { id: controllerId(id), priority, address, nonce } };
}

type Fields<T> = { readonly [K in keyof T]?: unknown };

const isWhole = (value: unknown, min: number): value is number => Number.isSafeInteger(value) && Number(value) >= min;
