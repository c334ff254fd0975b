import { describe, expect, it } from '@jest/globals';
import { UNMEASURED } from '../../core/check-state.ts';
import { SessionRequest, SessionResponse } from '../../gen/vippool/v1/agent.ts';
import { decodeAgentMessage } from './agent-message-codec.ts';
import { MAX_CHECKS } from './check-codec.ts';
import { decodeControllerMessage } from './controller-message-codec.ts';

const request = (message: unknown): Uint8Array =>
  SessionRequest.encode(SessionRequest.fromPartial({ message } as never)).finish();
const response = (message: unknown): Uint8Array =>
  SessionResponse.encode(SessionResponse.fromPartial({ message } as never)).finish();

const able = { active: true, message: '' };
const health = { interfaces: [], fence: able, realtime: able };
const checkState = { pool: 'nas', name: 'nfs', state: 1 };
const term = { number: 1, instance: { id: 'c', priority: 0, address: '10.0.0.1', nonce: 'n' } };
const declared = {
  pool: 'nas',
  name: 'nfs',
  intervalMs: 2_000,
  timeoutMs: 1_000,
  fall: 2,
  rise: 2,
  severity: 1,
  penalty: 50,
  role: 1,
  probe: { $case: 'smb', value: { host: '127.0.0.1', port: 445 } },
};
const repair = { pool: 'nas', command: ['/checks/repair.sh'], attempts: 1, deadlineMs: 10_000, windowMs: 0 };
const configOf = (check: object, over: object = {}): Uint8Array => {
  const checks = [{ ...declared, ...check }];
  return response({
    $case: 'config',
    value: { term: term, version: 1, checks, repairs: [repair], ...over },
  });
};

describe('what an agent tells of its checks', () => {
  it.each([
    [
      'a check that is reported twice',
      request({ $case: 'health', value: { ...health, checks: [checkState, checkState] } }),
      'bad-value',
    ],
    [
      'a check in no state',
      request({ $case: 'health', value: { ...health, checks: [{ ...checkState, state: 0 }] } }),
      'missing-field',
    ],
    [
      'too many checks',
      request({
        $case: 'health',
        value: {
          ...health,
          checks: Array.from({ length: MAX_CHECKS + 1 }, (_, i) => ({ ...checkState, name: `c${i}` })),
        },
      }),
      'too-many',
    ],
    [
      'a round trip that took less than no time',
      request({ $case: 'health', value: { ...health, service: { rttMs: -1 } } }),
      'bad-value',
    ],
  ])('is refused: %s', (_, bytes, reasonCode) => {
    expect(decodeAgentMessage(bytes)).toMatchObject({ ok: false, reason: reasonCode });
  });

  it('may be nothing', () => {
    expect(decodeAgentMessage(request({ $case: 'health', value: health }))).toMatchObject({
      ok: true,
      value: { checks: [], management: UNMEASURED, service: UNMEASURED },
    });
  });

  it('is of a long output the first 200 characters, and no half of one', () => {
    const output = `${'x'.repeat(199)}\u{1f600}`;
    const message = request({ $case: 'health', value: { ...health, checks: [{ ...checkState, output }] } });
    expect(decodeAgentMessage(message)).toMatchObject({ ok: true, value: { checks: [{ output: 'x'.repeat(199) }] } });
  });
});

describe('a configuration', () => {
  it('passes with everything that the refused ones lack', () => {
    expect(decodeControllerMessage(configOf({}))).toMatchObject({ ok: true });
  });

  it.each([
    ['a configuration under no term', response({ $case: 'config', value: { version: 1 } }), 'missing-field'],
    ['a configuration of version 0', configOf({}, { version: 0 }), 'bad-value'],
    ['a check that looks at nothing', configOf({ probe: undefined }), 'missing-field'],
    ['a check that may take longer than its interval', configOf({ timeoutMs: 2_001 }), 'bad-value'],
    ['a check of no severity', configOf({ severity: 0 }), 'missing-field'],
    ['a check of no role', configOf({ role: 0 }), 'missing-field'],
    ['a check that falls after 101 runs', configOf({ fall: 101 }), 'bad-value'],
    ['a check of a port 0', configOf({ probe: { $case: 'tcp', value: { host: 'a', port: 0 } } }), 'bad-value'],
    ['a check of no host', configOf({ probe: { $case: 'tcp', value: { port: 80 } } }), 'missing-field'],
    [
      'a check of a host that is none',
      configOf({ probe: { $case: 'smb', value: { host: 'a b', port: 1 } } }),
      'bad-value',
    ],
    ['a check of a relative path', configOf({ probe: { $case: 'device', value: { path: 'dev/md0' } } }), 'bad-value'],
    ['a program by its name alone', configOf({ probe: { $case: 'exec', value: { command: ['true'] } } }), 'bad-value'],
    ['a check of no program', configOf({ probe: { $case: 'exec', value: { command: [] } } }), 'missing-field'],
    [
      'a check of NFS 5',
      configOf({ probe: { $case: 'nfs', value: { host: 'a', port: 1, versions: [5] } } }),
      'bad-value',
    ],
    ['one check twice', configOf({}, { checks: [declared, declared] }), 'bad-value'],
    ['two repairs of one pool', configOf({}, { repairs: [repair, repair] }), 'bad-value'],
    ['a repair that is never tried', configOf({}, { repairs: [{ ...repair, attempts: 0 }] }), 'bad-value'],
  ])('is refused: %s', (_, bytes, reasonCode) => {
    expect(decodeControllerMessage(bytes)).toMatchObject({ ok: false, reason: reasonCode });
  });
});
