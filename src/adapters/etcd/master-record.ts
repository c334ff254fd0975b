import { controllerId } from '../../core/ids.ts';
import { OpError } from '../../core/op-error.ts';
import type { Term } from '../../core/term.ts';

/** Reads the master record; somebody else's text below our prefix is an error that names the key. */
export function readTerm(text: string): Term {
  try {
    const { number, instance } = JSON.parse(text) as Partial<Term>;
    if (typeof number === 'number' && instance && typeof instance.id === 'string') {
      const { id, priority, address, nonce } = instance;
      return { number, instance: { id: controllerId(id), priority, address, nonce } };
    }
  } catch {
    // Not JSON: the same verdict as JSON of another shape.
  }
  const message =
    'the key "master" below --etcd-prefix is not a record of vippool: choose another prefix or delete the key';
  throw new OpError('InvalidInput', message);
}
