import { COMMANDS, type Command } from './command.ts';
import { CONFIG_OPTION } from './config-option.ts';
import { fileKeyOf, variableOf, type AnyOption } from './option.ts';
import type { ValueType } from './values/value-type.ts';

const WIDTH = 100;
const SUMMARY_COLUMN = 20;

/** `program` is how the user calls it: "vippool" or "kubectl vip". */
export function overview(program: string): string {
  const rows = [
    ...COMMANDS.map((command) => [callOf(command), command.summary] as const),
    ['help', 'shows this text, or with the name of a command all of its options'] as const,
    ['version', 'shows the version'] as const,
  ];
  return lines([
    'Keeps pools of floating virtual IPs alive on real hosts.',
    '',
    `Usage: ${program} COMMAND [options]`,
    '',
    'Commands:',
    ...rows.map(([name, summary]) => hanging(`  ${name}`, summary, SUMMARY_COLUMN)),
    '',
    `Run "${program} COMMAND --help" for the options of a command.`,
  ]);
}

/** Every option of one command with meaning, default, environment variable and key. */
export function commandHelp(program: string, command: AnyCommand): string {
  const options = optionsOf(command);
  const heads = options.map((option) => `  ${headOf(option)}`);
  const column = Math.max(...heads.map((head) => head.length), '  -V, --version'.length) + 2;
  const describe = (option: AnyOption, index: number): string => {
    const names =
      option.flag === CONFIG_OPTION.flag
        ? variableOf(option.flag)
        : `${variableOf(option.flag)}, ${fileKeyOf(option.flag)}`;
    return [
      hanging(heads[index] ?? '', option.meaning, column),
      hanging('', `${defaultOf(option)} (${names})`, column),
    ].join('\n');
  };
  const words = argumentsOf(command);
  return lines([
    ...wrap(`${program} ${command.name}: ${command.summary}.`, WIDTH),
    '',
    `Usage: ${program} ${callOf(command)} [options]`,
    '',
    ...words.map(({ type, meaning }) => hanging(`  ${type.placeholder}`, meaning, column)),
    ...(words.length > 0 ? [''] : []),
    ...wrap(
      'Options, each with its environment variable and its key in the file of --config. A flag wins over the ' +
        'variable, the variable over the file, the file over the default.',
      WIDTH,
    ),
    '',
    ...options.map(describe),
    hanging('  -h, --help', 'Show this text.', column),
    hanging('  -V, --version', 'Show the version.', column),
    '',
    'Exit codes:',
    ...exitCodesOf(command).map(({ code, meaning }) => `  ${code}  ${meaning}`),
  ]);
}

/** Any command, where neither its configuration nor its argument matters. */
export type AnyCommand = (typeof COMMANDS)[number];

/** All options of a command, the general one for the configuration file last. */
export const optionsOf = (command: Pick<Command<object>, 'options'>): readonly AnyOption[] => [
  ...Object.values<AnyOption>(command.options),
  CONFIG_OPTION,
];

/** Every exit code with its meaning, in ascending order. */
export const exitCodesOf = (command: AnyCommand): AnyCommand['exitCodes'] =>
  [{ code: 0, meaning: 'done' }, { code: 2, meaning: 'bad options' }, ...command.exitCodes].toSorted(
    (a, b) => a.code - b.code,
  );

/** "Default: 1s." or "Required." */
export function defaultOf(option: AnyOption): string {
  switch (option.default.kind) {
    case 'required':
      return 'Required.';
    case 'absent':
      return `Default: ${option.default.meaning}.`;
    case 'hostname':
      return "Default: this host's name.";
    case 'text':
      return `Default: ${option.default.text || 'none'}.`;
  }
}

export interface AnyArgument {
  readonly property: PropertyKey;
  readonly type: ValueType<unknown>;
  readonly meaning: string;
  readonly isOptional?: boolean;
}

/** The words that follow the command, in their order. */
export const argumentsOf = (command: { readonly arguments?: readonly AnyArgument[] }): readonly AnyArgument[] =>
  command.arguments ?? [];

/** "move IP NODE", "failback [IP]" */
export const callOf = (command: { readonly name: string; readonly arguments?: readonly AnyArgument[] }): string =>
  [
    command.name,
    ...argumentsOf(command).map(({ type, isOptional }) =>
      isOptional === true ? `[${type.placeholder}]` : type.placeholder,
    ),
  ].join(' ');

const headOf = ({ flag, short, type }: AnyOption): string =>
  `${short === undefined ? '' : `-${short}, `}--${flag} ${type.placeholder}`.trimEnd();

/** `head`, then `text` wrapped in its own column; a head that reaches into the column gets a line to itself. */
function hanging(head: string, text: string, column: number): string {
  const indent = ' '.repeat(column);
  const body = wrap(text, WIDTH - column);
  const [first = '', ...rest] = body;
  const start = head.length + 2 > column && head !== '' ? `${head}\n${indent}` : head.padEnd(column);
  return [start + first, ...rest.map((line) => indent + line)].join('\n');
}

function wrap(text: string, width: number): readonly string[] {
  const wrapped: string[] = [];
  for (const word of text.split(' ')) {
    const last = wrapped.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) wrapped[wrapped.length - 1] = `${last} ${word}`;
    else wrapped.push(word);
  }
  return wrapped;
}

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;
