/** Before a takeover binds, nobody may answer for the address (RFC 5227, RFC 4862); and a rival of a bound VIP is answered. */
import type { VipAddress } from '../ids.ts';
import type { RefusedVip } from '../messages.ts';
import type { Monotonic } from '../time.ts';
import type { AgentConfig, AgentEffect, AgentState, AgentStep } from './agent-state.ts';
import { addressOf, bindingChange } from './bindings.ts';
import { poolOf, wantedAddresses } from './holding.ts';
import { askedAgain } from './questions.ts';
import { answered } from './rejoining.ts';
import { report } from './reports.ts';

/** When a question is repeated, or the first probe has been silent for long enough. */
export function probesWakeAt({ probing }: AgentState): Monotonic {
  let first = Number.POSITIVE_INFINITY;
  for (const { again, until } of probing.values()) first = Math.min(first, again, until);
  return first as Monotonic;
}

/** Asks again, since a question may be lost, and binds what nobody has answered for. */
export function continueProbes(state: AgentState, now: Monotonic, { timing }: AgentConfig): AgentStep {
  const due = [...state.probing].filter(([, { again, until }]) => again <= now && now < until);
  if (due.length > 0) {
    const probing = new Map([
      ...state.probing,
      ...due.map(([vip, item]) => [vip, askedAgain(item, now, timing)] as const),
    ]);
    const asked = new Set(due.map(([vip]) => vip));
    const addresses = (state.assignment?.vips ?? []).filter(({ vip }) => asked.has(vip)).map(addressOf);
    return [{ ...state, probing }, [{ kind: 'probe', addresses }]];
  }
  const probing = new Map([...state.probing].filter(([, { until }]) => until > now));
  const next = { ...state, probing };
  return [next, [{ kind: 'change', ...bindingChange([...next.bound.values()], wantedAddresses(next)) }]];
}

/** Somebody else has the address. */
export function claimed(
  state: AgentState,
  vip: VipAddress,
  mac: string,
  now: Monotonic,
  config: AgentConfig,
): AgentStep {
  const probe = state.probing.get(vip);
  if (probe) {
    const refusal = refusalOf(vip, mac, probe.formerMacs.includes(mac), config);
    const probing = new Map([...state.probing].filter(([other]) => other !== vip));
    const next = { ...state, probing, refused: [...state.refused, refusal] };
    const [reported, messages] = report(next);
    const fields = { pool: poolOf(state, vip), ...refusal };
    return [reported, [{ kind: 'log', level: 'error', message: 'VIP not bound', fields }, ...messages]];
  }
  const item = state.bound.get(vip);
  if (!item) return [{ ...state, rejoining: answered(state, vip) }, []];
  // Clients have just learnt a wrong MAC: ours again, at once.
  const next = { ...state, rivals: new Map(state.rivals).set(vip, { mac, at: now }) };
  const defence: AgentEffect[] = [
    { kind: 'announce', addresses: [addressOf(item)] },
    {
      kind: 'log',
      level: 'error',
      message: 'somebody else claims a VIP that is held here',
      fields: { pool: item.pool, vip, interface: item.interface, mac },
    },
  ];
  const [reported, messages] = report(next);
  return [reported, [...defence, ...messages]];
}

function refusalOf(vip: VipAddress, mac: string, former: boolean, { node }: AgentConfig): RefusedVip {
  return former
    ? {
        vip,
        reason: 'HolderAnswers',
        message: `the lost holder (${mac}) still answers for ${vip} on the service network: its management network is faulty`,
      }
    : {
        vip,
        reason: 'AddressConflict',
        message: `${mac}, which is none of our nodes, answers for ${vip}: ${node} does not bind it; remove the address there`,
      };
}
