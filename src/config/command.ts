import { AGENT, agentContradictions, type AgentConfig } from './options/agent.ts';
import { CERTS, CERTS_ACTIONS, type CertsConfig, certsContradictions } from './options/certs.ts';
import { CONTROLLER, controllerContradictions, type ControllerConfig } from './options/controller.ts';
import { STATUS, type StatusConfig, type WhoConfig } from './options/query.ts';
import { sourceContradictions } from './options/source.ts';
import type { Contradiction, OptionTable } from './option.ts';
import { oneOf } from './values/scalars.ts';
import { anAddress } from './values/network.ts';
import type { ValueType } from './values/value-type.ts';

/** One command of the program: everything that parsing, help and documents need. */
export interface Command<Config, Argument extends keyof Config = never> {
  readonly name: string;
  /** What it does, without a full stop. */
  readonly summary: string;
  /** The one word that follows the command, if it takes any. */
  readonly argument?: {
    readonly property: Argument;
    readonly type: ValueType<Config[Argument]>;
    readonly meaning: string;
  };
  readonly options: OptionTable<Omit<Config, Argument>>;
  readonly contradictions: (config: Partial<Config>) => readonly Contradiction[];
  /** Meaning of exit codes beyond 0 (done) and 2 (bad options). */
  readonly exitCodes: readonly { readonly code: number; readonly meaning: string }[];
}

const UNREADABLE = { code: 3, meaning: 'the source could not be read' };

export const CONTROLLER_COMMAND: Command<ControllerConfig> = {
  name: 'controller',
  summary: 'takes part in the election of the master and, as master, decides which host holds which VIP',
  options: CONTROLLER,
  contradictions: controllerContradictions,
  exitCodes: [{ code: 1, meaning: 'the controller cannot go on' }],
};

export const AGENT_COMMAND: Command<AgentConfig> = {
  name: 'agent',
  summary: 'holds on this host the VIPs that the master assigns to it',
  options: AGENT,
  contradictions: agentContradictions,
  exitCodes: [{ code: 1, meaning: 'the agent cannot go on' }],
};

export const STATUS_COMMAND: Command<StatusConfig> = {
  name: 'status',
  summary: 'shows pools, VIPs with their holders, and nodes',
  options: STATUS,
  contradictions: sourceContradictions,
  exitCodes: [UNREADABLE],
};

export const WHO_COMMAND: Command<WhoConfig, 'address'> = {
  name: 'who',
  summary: 'tells which node holds one VIP',
  argument: { property: 'address', type: anAddress, meaning: 'The VIP, IPv4 or IPv6.' },
  options: STATUS,
  contradictions: sourceContradictions,
  exitCodes: [{ code: 1, meaning: 'no node holds the address' }, UNREADABLE],
};

export const CERTS_COMMAND: Command<CertsConfig, 'action'> = {
  name: 'certs',
  summary: 'makes certificates for agents and controllers, where nothing else does',
  argument: {
    property: 'action',
    type: oneOf(CERTS_ACTIONS),
    meaning:
      'init: a new authority. issue: a certificate for one agent, controller or server; once more to renew it. ' +
      'replace-ca: a second authority that certifies from now on, while the first one is still trusted. retire-ca: only ' +
      'the newest is trusted from now on.',
  },
  options: CERTS,
  contradictions: certsContradictions,
  exitCodes: [{ code: 1, meaning: 'the files could not be read or written' }],
};

/** All commands that take options, in the order of the help text. */
export const COMMANDS = [CONTROLLER_COMMAND, AGENT_COMMAND, STATUS_COMMAND, WHO_COMMAND, CERTS_COMMAND] as const;
