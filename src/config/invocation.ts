import type { Problem } from '../core/pool.ts';
import { readArguments, type Arguments } from './arguments.ts';
import {
  AGENT_COMMAND,
  CERTS_COMMAND,
  COMMANDS,
  COMPLETION_COMMAND,
  CONTROLLER_COMMAND,
  DIAGNOSE_COMMAND,
  DRAIN_COMMAND,
  FAILBACK_COMMAND,
  HISTORY_COMMAND,
  MOVE_COMMAND,
  SIMULATE_COMMAND,
  STATUS_COMMAND,
  UNDRAIN_COMMAND,
  UNPROTECT_COMMAND,
  WHO_COMMAND,
  type Command,
} from './command.ts';
import { completionScript, KUBECTL_COMPLETER, kubectlCompletion } from './completion.ts';
import { readConfigFile } from './config-file.ts';
import { CONFIG_OPTION } from './config-option.ts';
import { readEnvironment } from './environment.ts';
import type { Gathered } from './given.ts';
import { argumentsOf, callOf, commandHelp, optionsOf, overview } from './help.ts';
import type { AnyOption } from './option.ts';
import type { AgentConfig } from './options/agent.ts';
import type { CertsConfig } from './options/certs.ts';
import type { ControllerConfig } from './options/controller.ts';
import type { DiagnoseConfig } from './options/diagnose.ts';
import type { DrainConfig, FailbackConfig, MoveConfig, UndrainConfig, UnprotectConfig } from './options/operate.ts';
import type { HistoryConfig, SimulateConfig, StatusConfig, WhoConfig } from './options/query.ts';
import { resolveOptions, type HostFacts } from './resolve.ts';
import { didYouMean } from './suggest.ts';
import { errorText } from '../core/error-text.ts';

/** Everything that the command line depends on. */
export interface InvocationInput {
  /** Words after the program's name. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly host: HostFacts;
  /** How the user calls the program: "vippool" or "kubectl vip"; or `KUBECTL_COMPLETER`, by which kubectl asks. */
  readonly program: string;
  readonly version: string;
  /** Content of a text file; throws what the file system throws. */
  readonly readFile: (path: string) => string;
}

/** What the user wants. */
export type Invocation =
  | { readonly kind: 'controller'; readonly config: ControllerConfig }
  | { readonly kind: 'agent'; readonly config: AgentConfig }
  | { readonly kind: 'status'; readonly config: StatusConfig }
  | { readonly kind: 'who'; readonly config: WhoConfig }
  | { readonly kind: 'certs'; readonly config: CertsConfig }
  | { readonly kind: 'move'; readonly config: MoveConfig }
  | { readonly kind: 'failback'; readonly config: FailbackConfig }
  | { readonly kind: 'drain'; readonly config: DrainConfig }
  | { readonly kind: 'undrain'; readonly config: UndrainConfig }
  | { readonly kind: 'history'; readonly config: HistoryConfig }
  | { readonly kind: 'simulate'; readonly config: SimulateConfig }
  | { readonly kind: 'diagnose'; readonly config: DiagnoseConfig }
  | { readonly kind: 'unprotect'; readonly config: UnprotectConfig }
  /** Text for standard output, nothing else to do. */
  | { readonly kind: 'print'; readonly text: string }
  /** Text for standard error that names every problem; exit code 2. */
  | { readonly kind: 'refused'; readonly text: string };

/** Reads command, flags, environment and configuration file. All problems are found in one go. */
export function readInvocation(input: InvocationInput): Invocation {
  if (input.program === KUBECTL_COMPLETER) return { kind: 'print', text: kubectlCompletion(input.argv) };
  const [name = '', ...rest] = input.argv;
  switch (name) {
    case CONTROLLER_COMMAND.name:
      return readCommand(CONTROLLER_COMMAND, rest, input, (config) => ({ kind: 'controller', config }));
    case AGENT_COMMAND.name:
      return readCommand(AGENT_COMMAND, rest, input, (config) => ({ kind: 'agent', config }));
    case STATUS_COMMAND.name:
      return readCommand(STATUS_COMMAND, rest, input, (config) => ({ kind: 'status', config }));
    case WHO_COMMAND.name:
      return readCommand(WHO_COMMAND, rest, input, (config) => ({ kind: 'who', config }));
    case CERTS_COMMAND.name:
      return readCommand(CERTS_COMMAND, rest, input, (config) => ({ kind: 'certs', config }));
    case MOVE_COMMAND.name:
      return readCommand(MOVE_COMMAND, rest, input, (config) => ({ kind: 'move', config }));
    case FAILBACK_COMMAND.name:
      return readCommand(FAILBACK_COMMAND, rest, input, (config) => ({ kind: 'failback', config }));
    case DRAIN_COMMAND.name:
      return readCommand(DRAIN_COMMAND, rest, input, (config) => ({ kind: 'drain', config }));
    case UNDRAIN_COMMAND.name:
      return readCommand(UNDRAIN_COMMAND, rest, input, (config) => ({ kind: 'undrain', config }));
    case HISTORY_COMMAND.name:
      return readCommand(HISTORY_COMMAND, rest, input, (config) => ({ kind: 'history', config }));
    case SIMULATE_COMMAND.name:
      return readCommand(SIMULATE_COMMAND, rest, input, (config) => ({ kind: 'simulate', config }));
    case DIAGNOSE_COMMAND.name:
      return readCommand(DIAGNOSE_COMMAND, rest, input, (config) => ({ kind: 'diagnose', config }));
    case UNPROTECT_COMMAND.name:
      return readCommand(UNPROTECT_COMMAND, rest, input, (config) => ({ kind: 'unprotect', config }));
    case COMPLETION_COMMAND.name:
      return readCommand(COMPLETION_COMMAND, rest, input, ({ shell }) => ({
        kind: 'print',
        text: completionScript(shell),
      }));
    case 'help':
    case '--help':
    case '-h':
      return helpAbout(rest[0], input);
    case 'version':
    case '--version':
    case '-V':
      return printVersion(input);
    default:
      return refuseCommand(name, input);
  }
}

function readCommand<Config, Argument extends keyof Config>(
  command: Command<Config, Argument>,
  argv: readonly string[],
  input: InvocationInput,
  accept: (config: Config) => Invocation,
): Invocation {
  const options = optionsOf(command);
  const flags = readArguments(argv, options);
  if (flags.help) return helpAbout(command.name, input);
  if (flags.version) return printVersion(input);
  const environment = readEnvironment(input.environment, options, everyFlag());
  const file = readFileOfConfig([...flags.given, ...environment.given], options, input);
  const argument = readWords(command, flags);
  const given = [...flags.given, ...environment.given, ...file.given];
  const resolved = resolveOptions(command, given, input.host, argument.config);
  const problems = [
    ...argument.problems,
    ...[flags, environment, file, resolved].flatMap((part): readonly Problem[] => part.problems),
  ];
  if (problems.length > 0) return refuse(command.name, problems, input);
  return accept(resolved.config as Config);
}

const everyFlag = (): readonly string[] =>
  COMMANDS.flatMap((command) => optionsOf(command).map((option) => option.flag));

function readFileOfConfig(given: Gathered['given'], options: readonly AnyOption[], input: InvocationInput): Gathered {
  const choice = given.find(({ flag }) => flag === CONFIG_OPTION.flag);
  if (!choice) return { given: [], problems: [] };
  const refused = (message: string): Gathered => ({ given: [], problems: [{ path: choice.where, message }] });
  const [path = '', ...others] = choice.texts;
  if (others.length > 0) return refused(`is given ${choice.texts.length} times; write it once`);
  let content: string;
  try {
    content = input.readFile(path);
  } catch (error) {
    return refused(`cannot read the file: ${errorText(error)}`);
  }
  const keys = options.filter((option) => option !== CONFIG_OPTION);
  return readConfigFile(path, content, keys);
}

/** The command's arguments; every other word is a problem. */
function readWords<Config, Argument extends keyof Config>(
  command: Command<Config, Argument>,
  { words }: Arguments,
): { readonly config: object; readonly problems: readonly Problem[] } {
  const expected = argumentsOf(command);
  const surplus = words.slice(expected.length);
  const problems: Problem[] = surplus.map((word) => ({ path: word, message: 'not expected here; remove it' }));
  const config: Record<string, unknown> = {};
  for (const [index, { property, type, isOptional = false }] of expected.entries()) {
    const word = words[index];
    const path = type.placeholder;
    if (word === undefined) {
      if (!isOptional) problems.push({ path, message: `is missing; write ${callOf(command)}` });
      continue;
    }
    const read = type.read([word]);
    if (read.ok) config[String(property)] = read.value;
    else problems.push({ path, message: read.message });
  }
  return { config, problems };
}

function helpAbout(name: string | undefined, input: InvocationInput): Invocation {
  if (name === undefined || name.startsWith('-')) return { kind: 'print', text: overview(input.program) };
  const command = COMMANDS.find((candidate) => candidate.name === name);
  return command ? { kind: 'print', text: commandHelp(input.program, command) } : refuseCommand(name, input);
}

const printVersion = (input: InvocationInput): Invocation => ({ kind: 'print', text: `vippool ${input.version}\n` });

function refuseCommand(name: string, input: InvocationInput): Invocation {
  const names = [...COMMANDS.map((command) => command.name), 'help', 'version'];
  const problem =
    name === ''
      ? { path: 'command', message: `is missing; write one of ${names.join(', ')}` }
      : { path: name, message: `unknown command${didYouMean(name, names) || `; write one of ${names.join(', ')}`}` };
  return refuse(undefined, [problem], input);
}

function refuse(command: string | undefined, problems: readonly Problem[], input: InvocationInput): Invocation {
  const call = command === undefined ? input.program : `${input.program} ${command}`;
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const list = problems.map(({ path, message }) => `  ${path}: ${message}\n`).join('');
  return { kind: 'refused', text: `${call}: ${count}\n${list}Run "${call} --help" for help.\n` };
}
