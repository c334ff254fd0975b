import type { Electorate, ElectorateMember } from '../../core/electorate.ts';
import { controllerId } from '../../core/ids.ts';
import { OpError } from '../../core/op-error.ts';

const plain = ({ id, address }: ElectorateMember): ElectorateMember => ({ id, address });

/** The same text for the same electorate: a change is guarded by it. */
export const writeElectorate = ({ version, members, joining }: Electorate): string =>
  JSON.stringify({ version, members: members.map(plain), ...(joining && { joining: plain(joining) }) });

/**
 * Reads the electorate on record.
 *
 * @throws OpError InvalidInput that names the key, where the text is none of ours.
 */
export function readElectorate(text: string): Electorate {
  const electorate = recordedElectorate(text);
  if (electorate) return electorate;
  const message =
    'the key "electorate" below --etcd-prefix is not a record of vippool: choose another prefix or delete the key';
  throw new OpError('InvalidInput', message);
}

function recordedElectorate(text: string): Electorate | undefined {
  let record: { readonly version?: unknown; readonly members?: unknown; readonly joining?: unknown };
  try {
    record = (JSON.parse(text) ?? {}) as typeof record;
  } catch {
    return undefined;
  }
  const { version } = record;
  if (!Number.isSafeInteger(version) || Number(version) < 1 || !Array.isArray(record.members)) return undefined;
  const members = (record.members as unknown[]).map(readMember);
  const known = members.filter((member) => member !== undefined);
  const joining = record.joining === undefined ? undefined : readMember(record.joining);
  if (record.joining !== undefined && !joining) return undefined;
  const ids = new Set(known.map(({ id }) => id));
  // Two members of one id would have two votes.
  if (known.length === 0 || known.length !== members.length || ids.size !== members.length) return undefined;
  return { version: Number(version), members: known, ...(joining && { joining }) };
}

function readMember(member: unknown): ElectorateMember | undefined {
  const { id, address } = (member ?? {}) as { readonly id?: unknown; readonly address?: unknown };
  if (typeof id !== 'string' || typeof address !== 'string' || id === '' || address === '') return undefined;
  return { id: controllerId(id), address };
}
