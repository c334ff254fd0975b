import type { Electorate } from '../../core/electorate.ts';
import { controllerId } from '../../core/ids.ts';
import { OpError } from '../../core/op-error.ts';

/** Reads the recorded electorate; anything else below that key is an error that names it. */
export function readElectorate(text: string): Electorate {
  const record = recorded(text);
  if (record) return record;
  const message =
    'the key "electorate" below --etcd-prefix is not a record of vippool: choose another prefix, or delete the key while all controllers are stopped';
  throw new OpError('InvalidInput', message);
}

function recorded(text: string): Electorate | undefined {
  let value: { readonly version?: unknown; readonly members?: unknown };
  try {
    value = (JSON.parse(text) ?? {}) as typeof value;
  } catch {
    return undefined;
  }
  const { version, members } = value;
  if (!Number.isSafeInteger(version) || Number(version) < 1 || !Array.isArray(members)) return undefined;
  const read = members.map((member: { id?: unknown; address?: unknown } | null) =>
    typeof member?.id === 'string' && typeof member.address === 'string'
      ? { id: controllerId(member.id), address: member.address }
      : undefined,
  );
  const whole = read.filter((member) => member !== undefined);
  return whole.length === read.length && whole.length > 0 ? { version: Number(version), members: whole } : undefined;
}
