import { expect, test } from '@jest/globals';
import { vipAddress } from '../../core/ids.ts';
import type { MarkedAddress } from '../../ports/network.ts';
import { ChangeReport } from './change-report.ts';

const link = (carrier: boolean) => ({ name: 'svc0', mac: '02:00:00:00:00:07', carrier, addresses: ['192.0.2.7/24'] });
const marked = (vip: string): MarkedAddress => ({ vip: vipAddress(vip), interface: 'svc0', prefixLength: 32 });

test('interfaces are told when they differ from what was told last', () => {
  const report = new ChangeReport();
  expect(report.interfaces([link(true)])).toEqual([{ kind: 'interfaces', interfaces: [link(true)] }]);
  expect(report.interfaces([link(true)])).toEqual([]);
  expect(report.interfaces([link(false)])).toEqual([{ kind: 'interfaces', interfaces: [link(false)] }]);
  expect(report.interfaces([])).toEqual([{ kind: 'interfaces', interfaces: [] }]);
});

test('marked addresses are told one by one, those that went first', () => {
  const report = new ChangeReport();
  expect(report.marked([marked('192.0.2.1'), marked('192.0.2.2')]).map(({ kind }) => kind)).toEqual([
    'address-added',
    'address-added',
  ]);
  expect(report.marked([marked('192.0.2.2'), marked('192.0.2.3')])).toEqual([
    { kind: 'address-removed', address: marked('192.0.2.1') },
    { kind: 'address-added', address: marked('192.0.2.3') },
  ]);
  expect(report.marked([marked('192.0.2.3'), marked('192.0.2.2')])).toEqual([]);
});

test('an address on another interface or with another prefix length is another one', () => {
  const report = new ChangeReport();
  const address = marked('192.0.2.1');
  report.marked([address]);
  expect(report.marked([{ ...address, interface: 'svc1' }])).toHaveLength(2);
  expect(report.marked([{ ...address, interface: 'svc1', prefixLength: 24 }])).toHaveLength(2);
});
