import { CLIENT, Lab } from '../../lib/lab.ts';
import { Observer } from '../../lib/observer.ts';
import { ip } from '../../lib/ip.ts';
import { SERVICE_NIC } from '../../lib/host.ts';
import { HostServices } from '../../lib/services.ts';
import { HOSTS, isThousand, type Scene, type Stage, type SystemName } from '../fault.ts';
import type { Profile } from '../promises.ts';
import { addressesOf, WIDE_SUBNET } from '../vips.ts';
import { CtdbScene } from './ctdb.ts';
import { KeepalivedScene } from './keepalived.ts';
import { VippoolScene } from './vippool.ts';

export interface StageOptions {
  readonly system: SystemName;
  readonly profile: Profile;
  readonly stage: Stage;
  readonly awayMs: number;
}

/** A healthy system on a lab of its own. Ends with `stop`. */
export async function startStage(options: StageOptions): Promise<Scene> {
  const { observed, probeMs, askMs } = addressesOf(options.stage);
  const lab = Lab.create(HOSTS);
  const started: { observer?: Observer } = {};
  try {
    if (isThousand(options.stage)) ip(`-n ${CLIENT} route add ${WIDE_SUBNET} dev ${SERVICE_NIC}`);
    const observer = (started.observer = await Observer.start(lab, observed, { probeMs, askMs }));
    const services = options.stage === 'services' ? await startServices(lab) : new Map<string, HostServices>();
    const given = { ...options, services };
    switch (options.system) {
      case 'vippool':
        return await VippoolScene.start(lab, observer, given);
      case 'keepalived':
        return await KeepalivedScene.start(lab, observer, given);
      case 'ctdb':
        return await CtdbScene.start(lab, observer, given);
    }
  } catch (error) {
    await started.observer?.stop();
    await lab.destroy();
    throw error;
  }
}

async function startServices(lab: Lab): Promise<ReadonlyMap<string, HostServices>> {
  const started = [...lab.hosts].map(async ([name, host]) => [name, await HostServices.start(host)] as const);
  return new Map(await Promise.all(started));
}
