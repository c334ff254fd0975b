import { AGENT, agentContradictions, type AgentConfig } from './options/agent.ts';
import { CERTS, CERTS_ACTIONS, type CertsConfig, certsContradictions } from './options/certs.ts';
import { CONTROLLER, controllerContradictions, type ControllerConfig } from './options/controller.ts';
import { DIAGNOSE, type DiagnoseConfig, diagnoseContradictions } from './options/diagnose.ts';
import {
  aShell,
  type CompletionConfig,
  DRAIN,
  type DrainConfig,
  FAILBACK,
  type FailbackConfig,
  type MoveConfig,
  TASK,
  taskContradictions,
  UNDRAIN,
  type UndrainConfig,
  UNPROTECT,
  type UnprotectConfig,
} from './options/operate.ts';
import {
  HISTORY,
  type HistoryConfig,
  SIMULATE,
  type SimulateConfig,
  STATUS,
  type StatusConfig,
  type WhoConfig,
} from './options/query.ts';
import { sourceContradictions } from './options/source.ts';
import type { Contradiction, OptionTable } from './option.ts';
import { oneOf } from './values/scalars.ts';
import { theNode } from './values/names.ts';
import { anAddress } from './values/network.ts';
import type { ValueType } from './values/value-type.ts';

/** One command of the program: everything that parsing, help and documents need. */
export interface Command<Config, Argument extends keyof Config = never> {
  readonly name: string;
  /** What it does, without a full stop. */
  readonly summary: string;
  /** The words that follow the command, those that may be left out last. */
  readonly arguments?: readonly ArgumentOf<Config, Argument>[];
  readonly options: OptionTable<Omit<Config, Argument>>;
  readonly contradictions: (config: Partial<Config>) => readonly Contradiction[];
  /** Meaning of exit codes beyond 0 (done) and 2 (bad options). */
  readonly exitCodes: readonly { readonly code: number; readonly meaning: string }[];
}

/** One word that follows the command, and the property of its configuration that it fills. */
export type ArgumentOf<Config, Argument extends keyof Config> = {
  readonly [Property in Argument]: {
    readonly property: Property;
    readonly type: ValueType<NonNullable<Config[Property]>>;
    readonly meaning: string;
    /** Without it the property is not there. */
    readonly isOptional?: boolean;
  };
}[Argument];

const UNREADABLE = { code: 3, meaning: 'the source could not be read' };

const THE_VIP = { property: 'address', type: anAddress, meaning: 'The VIP, IPv4 or IPv6.' } as const;

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
  summary: 'tells which node holds one VIP, why, and which checks fail',
  arguments: [THE_VIP],
  options: STATUS,
  contradictions: sourceContradictions,
  exitCodes: [{ code: 1, meaning: 'no node holds the address' }, UNREADABLE],
};

export const CERTS_COMMAND: Command<CertsConfig, 'action'> = {
  name: 'certs',
  summary: 'makes certificates for agents and controllers, where nothing else does',
  arguments: [
    {
      property: 'action',
      type: oneOf(CERTS_ACTIONS),
      meaning:
        'init: a new authority. issue: a certificate for one agent, controller or server; once more to renew it. ' +
        'replace-ca: a second authority that certifies from now on, while the first one is still trusted. retire-ca: only ' +
        'the newest is trusted from now on.',
    },
  ],
  options: CERTS,
  contradictions: certsContradictions,
  exitCodes: [{ code: 1, meaning: 'the files could not be read or written' }],
};

const NOT_DONE = { code: 1, meaning: 'it was not done, or not all of it: the message says why' };

export const MOVE_COMMAND: Command<MoveConfig, 'address' | 'node'> = {
  name: 'move',
  summary: 'moves a VIP to a node, which becomes its home until a failback',
  arguments: [THE_VIP, { property: 'node', type: theNode, meaning: 'The node that shall hold it.' }],
  options: TASK,
  contradictions: taskContradictions,
  exitCodes: [NOT_DONE, UNREADABLE],
};

export const FAILBACK_COMMAND: Command<FailbackConfig, 'address'> = {
  name: 'failback',
  summary: 'brings VIPs home that are elsewhere, whatever the failback policy says',
  arguments: [{ ...THE_VIP, meaning: 'The only VIP that goes home. Without it all do.', isOptional: true }],
  options: FAILBACK,
  contradictions: taskContradictions,
  exitCodes: [NOT_DONE, UNREADABLE],
};

export const DRAIN_COMMAND: Command<DrainConfig, 'node'> = {
  name: 'drain',
  summary: 'takes every VIP from a node and keeps them away, until undrain',
  arguments: [{ property: 'node', type: theNode, meaning: 'The node.' }],
  options: DRAIN,
  contradictions: taskContradictions,
  exitCodes: [{ code: 1, meaning: 'some VIPs stay on the node: the message says why' }, UNREADABLE],
};

export const UNDRAIN_COMMAND: Command<UndrainConfig, 'node'> = {
  name: 'undrain',
  summary: 'lets VIPs come back to a node that was drained',
  arguments: [{ property: 'node', type: theNode, meaning: 'The node.' }],
  options: UNDRAIN,
  contradictions: sourceContradictions,
  exitCodes: [NOT_DONE, UNREADABLE],
};

export const HISTORY_COMMAND: Command<HistoryConfig, 'address'> = {
  name: 'history',
  summary: 'shows the last moves of VIPs, the newest first',
  arguments: [{ ...THE_VIP, meaning: 'Only the moves of this VIP.', isOptional: true }],
  options: HISTORY,
  contradictions: sourceContradictions,
  exitCodes: [NOT_DONE, UNREADABLE],
};

export const SIMULATE_COMMAND: Command<SimulateConfig> = {
  name: 'simulate',
  summary: 'tells what would move if nodes failed; nothing does',
  options: SIMULATE,
  contradictions: sourceContradictions,
  exitCodes: [{ code: 1, meaning: 'some VIPs would be held by nobody' }, UNREADABLE],
};

export const DIAGNOSE_COMMAND: Command<DiagnoseConfig> = {
  name: 'diagnose',
  summary: 'collects what a bug report needs, without secrets, in one archive',
  options: DIAGNOSE,
  contradictions: diagnoseContradictions,
  exitCodes: [
    { code: 1, meaning: 'the archive could not be written' },
    { code: 3, meaning: 'nothing could be collected, and there is no archive' },
  ],
};

export const UNPROTECT_COMMAND: Command<UnprotectConfig> = {
  name: 'unprotect',
  summary: 'takes the finalizer from all pools when no agent and no controller runs any more, as after helm uninstall',
  options: UNPROTECT,
  contradictions: () => [],
  exitCodes: [
    {
      code: 1,
      meaning: 'agents or controllers may still run, or not every pool could be changed: the message says which',
    },
    { code: 3, meaning: 'pools or pods could not be read' },
  ],
};

export const COMPLETION_COMMAND: Command<CompletionConfig, 'shell'> = {
  name: 'completion',
  summary: 'writes a script that completes commands and options in a shell',
  arguments: [{ property: 'shell', type: aShell, meaning: 'The shell that reads the script.' }],
  options: {},
  contradictions: () => [],
  exitCodes: [],
};

/** All commands that take options, in the order of the help text. */
export const COMMANDS = [
  CONTROLLER_COMMAND,
  AGENT_COMMAND,
  STATUS_COMMAND,
  WHO_COMMAND,
  MOVE_COMMAND,
  FAILBACK_COMMAND,
  DRAIN_COMMAND,
  UNDRAIN_COMMAND,
  HISTORY_COMMAND,
  SIMULATE_COMMAND,
  DIAGNOSE_COMMAND,
  UNPROTECT_COMMAND,
  CERTS_COMMAND,
  COMPLETION_COMMAND,
] as const;
