import { controllerId, nodeName, poolName } from '../../core/ids.ts';
import type { AssignedVip, ControllerMessage } from '../../core/messages.ts';
import * as wire from '../../gen/vippool/v1/agent.ts';
import { MAX_VIPS } from './agent-message-codec.ts';
import { type Decoded, guarded, Malformed } from './decoded.ts';
import { interfaceName, name, prefixLength, present, vip, vipList, whole } from './field-checks.ts';
import { readLease, readOptionalTerm, readTerm } from './term-codec.ts';

export function encodeControllerMessage(message: ControllerMessage): Buffer {
  const wrapped: wire.SessionResponse['message'] =
    message.kind === 'ack'
      ? { $case: 'ack', value: { sequence: message.sequence, term: message.term, master: message.master ?? '' } }
      : { $case: 'assignment', value: message };
  return Buffer.from(wire.SessionResponse.encode({ message: wrapped }).finish());
}

export const decodeControllerMessage = (bytes: Uint8Array): Decoded<ControllerMessage> =>
  guarded(bytes, () => fromWire(wire.SessionResponse.decode(bytes).message));

function fromWire(message: wire.SessionResponse['message']): ControllerMessage {
  switch (message?.$case) {
    case undefined:
      throw new Malformed('unknown-kind', 'the message is of no known kind');
    case 'ack': {
      const { sequence, term, master } = message.value;
      return {
        kind: 'ack',
        sequence: whole(sequence, 'sequence', 1),
        term: readOptionalTerm(term),
        master: master === '' ? undefined : controllerId(name(master, 'master')),
      };
    }
    case 'assignment': {
      const { value } = message;
      return {
        kind: 'assignment',
        term: readTerm(present(value.term, 'term')),
        version: whole(value.version, 'version', 1),
        node: nodeName(name(value.node, 'node')),
        lease: readLease(value.lease),
        vips: vipList(value.vips, 'vips', MAX_VIPS, readVip),
      };
    }
  }
}

function readVip(item: wire.AssignedVip): AssignedVip {
  const address = vip(item.vip, 'vip');
  const { count, intervalMs, refreshMs } = present(item.announce, 'announce');
  return {
    vip: address,
    pool: poolName(name(item.pool, 'pool')),
    interface: interfaceName(item.interface, 'interface'),
    prefixLength: prefixLength(item.prefixLength, address, 'prefix_length'),
    announce: {
      count: whole(count, 'announce.count', 1),
      intervalMs: whole(intervalMs, 'announce.interval_ms', 1),
      refreshMs,
    },
  };
}
