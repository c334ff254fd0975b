import { controllerId, epoch, incarnation } from '../../core/ids.ts';
import { parseIp } from '../../core/ip.ts';
import type { LeaseName } from '../../core/messages.ts';
import type { Term } from '../../core/term.ts';
import type * as wire from '../../gen/vippool/v1/agent.ts';
import { Malformed } from './decoded.ts';
import { name, present, whole } from './field-checks.ts';

export function readTerm(term: wire.Term): Term {
  const instance = present(term.instance, 'term.instance');
  if (!parseIp(instance.address)) throw new Malformed('bad-value', 'term.instance.address is not an IP address');
  return {
    number: whole(term.number, 'term.number', 1),
    instance: {
      id: controllerId(name(instance.id, 'term.instance.id')),
      priority: instance.priority,
      address: instance.address,
      nonce: name(instance.nonce, 'term.instance.nonce'),
    },
  };
}

export const readOptionalTerm = (term: wire.Term | undefined): Term | undefined => term && readTerm(term);

export function readLease(lease: wire.LeaseName | undefined): LeaseName {
  const { incarnation: life, epoch: number } = present(lease, 'lease');
  return { incarnation: incarnation(name(life, 'lease.incarnation')), epoch: epoch(whole(number, 'lease.epoch', 1)) };
}
