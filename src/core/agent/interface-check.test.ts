import { describe, expect, it } from '@jest/globals';
import { link } from '../../testing/core-builders.ts';
import { lookAtInterface, type InterfaceView } from './interface-check.ts';

const s0 = link();
const s1 = link({ name: 's1', addresses: ['198.51.100.1/24'] });

const look = (name: string, over: Partial<InterfaceView>): string => {
  const view = { interfaces: [s0, s1], allowed: ['s0', 's1'], carriers: [], ...over };
  const { ok, output } = lookAtInterface({ type: 'interface', interface: name }, view);
  return `${ok ? 'well' : 'failed'}: ${output}`;
};

const unplugged = (of: typeof s0): typeof s0 => ({ ...of, carrier: false });

describe('an interface', () => {
  it('that is named is well with a carrier and an address of its own', () => {
    expect(look('s1', {})).toBe('well: s1 has a carrier and 198.51.100.1/24');
    expect(look('s1', { interfaces: [s0, unplugged(s1)] })).toBe('failed: s1 has no carrier');
    expect(look('s1', { interfaces: [unplugged(s0), s1] })).toMatch('well');
  });

  it('has no address of its own when the link gave it the only one', () => {
    expect(look('s0', { interfaces: [link({ addresses: ['fe80::1/64'] })] })).toBe(
      'failed: s0 has no address of its own',
    );
    expect(look('s0', { interfaces: [link({ addresses: [] })] })).toMatch('no address');
    expect(look('s0', { interfaces: [link({ addresses: ['fe80::1/64', '2001:db8::1/64'] })] })).toMatch('well');
  });

  it('that is missing, or that the agent may not touch, says which of both it is', () => {
    expect(look('s1', { interfaces: [s0] })).toBe('failed: s1 is not there');
    expect(look('eth9', {})).toBe("failed: eth9 is not one of the agent's --interfaces (now s0,s1)");
  });

  it('that is not named is every one that carries the VIPs of the pool', () => {
    expect(look('', { interfaces: [s0, unplugged(s1)], carriers: ['s0'] })).toMatch('well: s0');
    expect(look('', { interfaces: [s0, unplugged(s1)], carriers: ['s0', 's1'] })).toBe('failed: s1 has no carrier');
  });

  it('that is not named and carries nothing yet is one of those that could', () => {
    expect(look('', { interfaces: [unplugged(s0), s1] })).toMatch('well: s1');
    expect(look('', { interfaces: [unplugged(s0), unplugged(s1)] })).toBe('failed: s0 has no carrier');
    expect(look('', { interfaces: [], allowed: [] })).toBe('failed: the agent may touch no interface');
  });
});
