import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lookAtInterface } from '../../core/agent/interface-check.ts';
import { documentedProbe } from '../../testing/documented-checks.ts';
import { eventually } from '../../testing/eventually.ts';
import { HostNamespace } from '../../testing/host-namespace.ts';
import { RemoteNetwork } from '../../testing/remote-network.ts';
import { describeWith, missingNetworkNamespaces } from '../../testing/requirements.ts';

describeWith(missingNetworkNamespaces(), 'a check of an interface', () => {
  const check = documentedProbe('interface');
  const name = check.interface;
  let host: HostNamespace;
  let remote: RemoteNetwork;

  const says = async (): Promise<string> =>
    lookAtInterface(check, { interfaces: await remote.interfaces(), allowed: [name], carriers: [] }).output;
  const saysAtLast = async (text: string): Promise<void> => {
    expect(await eventually(says, (output) => output === text)).toBe(text);
  };

  beforeEach(async () => {
    host = await HostNamespace.create();
    // By name it is a VLAN on a bond, which not every kernel makes.
    host.ip(`link add ${name} type veth peer name far0`);
    host.ip('link set far0 up');
    remote = await RemoteNetwork.start(host, {
      interfaces: [name],
      allowedAddresses: ['192.0.2.0/24'],
      lifetimeSeconds: 30,
    });
  });
  afterEach(async () => {
    await remote.close();
    await host.close();
  });

  test('as documented follows its carrier and its address', async () => {
    await saysAtLast(`${name} has no carrier`);
    host.ip(`link set ${name} up`);
    await saysAtLast(`${name} has no address of its own`);
    host.ip(`addr add 192.0.2.1/24 dev ${name}`);
    await saysAtLast(`${name} has a carrier and 192.0.2.1/24`);
    host.ip('link set far0 down');
    await saysAtLast(`${name} has no carrier`);
    host.ip(`link del ${name}`);
    await saysAtLast(`${name} is not there`);
  });
});
