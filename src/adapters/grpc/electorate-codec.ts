import type { Electorate, ElectorateMember } from '../../core/electorate.ts';
import { controllerId } from '../../core/ids.ts';
import type * as wire from '../../gen/vippool/v1/agent.ts';
import { Malformed } from './decoded.ts';
import { hostPort, list, name, whole } from './field-checks.ts';

/** More controllers than any electorate has, also while it changes. */
const MAX_CONTROLLERS = 16;

export const electorateToWire = ({ version, members, joining }: Electorate): wire.Electorate => ({
  version,
  members: [...members],
  joining,
});

export function readElectorate({ version, members, joining }: wire.Electorate): Electorate {
  const read = readMembers(members, 'electorate.members');
  if (read.length === 0) throw new Malformed('missing-field', 'electorate.members is empty');
  return {
    version: whole(version, 'electorate.version', 1),
    members: read,
    ...(joining && { joining: readMember(joining, 'electorate.joining') }),
  };
}

/** Two members of one id would have two votes. */
export function readMembers(members: readonly wire.ElectorateMember[], field: string): ElectorateMember[] {
  const read = list(members, field, MAX_CONTROLLERS, (member) => readMember(member, field));
  if (new Set(read.map(({ id }) => id)).size < read.length)
    throw new Malformed('bad-value', `${field} has an id twice`);
  return read;
}

const readMember = ({ id, address }: wire.ElectorateMember, field: string): ElectorateMember => ({
  id: controllerId(name(id, `${field}.id`)),
  address: hostPort(address, `${field}.address`),
});
