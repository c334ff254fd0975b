import type { InterfaceProbe, ProbeOutcome } from '../checks.ts';
import type { InterfaceState } from '../messages.ts';

type Look = Pick<ProbeOutcome, 'ok' | 'output'>;

/** What a check of an interface may look at. */
export interface InterfaceView {
  /** Of those that the agent may touch, the ones that exist. */
  readonly interfaces: readonly InterfaceState[];
  /** Names of all that it may touch. */
  readonly allowed: readonly string[];
  /** Those that carry the VIPs of the pool, or would; none: unknown. */
  readonly carriers: readonly string[];
}

/**
 * An interface is well with a carrier and an address of the host's own. Without a name every interface that carries the
 * VIPs of the pool has to be well; where that is unknown, one of those that could.
 */
export function lookAtInterface(probe: InterfaceProbe, { interfaces, allowed, carriers }: InterfaceView): Look {
  const named = probe.interface === '' ? carriers : [probe.interface];
  const looks = (named.length > 0 ? named : allowed).map((name) => lookAt(name, interfaces, allowed));
  const decisive = named.length > 0 ? looks.find(({ ok }) => !ok) : looks.find(({ ok }) => ok);
  return decisive ?? looks[0] ?? { ok: false, output: 'the agent may touch no interface' };
}

function lookAt(name: string, interfaces: readonly InterfaceState[], allowed: readonly string[]): Look {
  const link = interfaces.find((candidate) => candidate.name === name);
  if (!link) {
    const why = allowed.includes(name)
      ? 'is not there'
      : `is not one of the agent's --interfaces (now ${allowed.join(',')})`;
    return { ok: false, output: `${name} ${why}` };
  }
  if (!link.carrier) return { ok: false, output: `${name} has no carrier` };
  const own = link.addresses.find((address) => !isLinkLocal(address));
  if (own === undefined) return { ok: false, output: `${name} has no address of its own` };
  return { ok: true, output: `${name} has a carrier and ${own}` };
}

/** Every link has one, whether somebody configured it or not. */
const isLinkLocal = (address: string): boolean => /^fe[89ab][0-9a-f]:/.test(address);
