import { COMMANDS } from '../../src/config/command.ts';
import { CONFIG_OPTION } from '../../src/config/config-option.ts';
import { argumentsOf, callOf, defaultOf, exitCodesOf, optionsOf, type AnyCommand } from '../../src/config/help.ts';
import { fileKeyOf, variableOf, type AnyOption } from '../../src/config/option.ts';

const INTRODUCTION = `# Command line

<!-- Generated from src/config by "make generate". -->

\`vippool COMMAND [options]\`. Installed as \`kubectl-vip\` on the PATH, the same program is \`kubectl vip COMMAND\`.

Every option can be given in three ways. A flag wins over the environment variable, the variable over the
configuration file, the file over the default.

- **Flag**: \`--lease-duration 2s\` or \`--lease-duration=2s\`. Flags of lists may be repeated, or hold several items
  separated by commas.
- **Environment variable**: \`VIPPOOL_LEASE_DURATION=2s\`. An empty variable counts as not set.
- **Key of the file** that \`--config\` (\`VIPPOOL_CONFIG\`) names: YAML, keys in camel case: \`leaseDuration: 2s\`.
  Lists may be YAML sequences; lists of \`KEY=VALUE\` may be YAML mappings. An unknown key is refused.

Durations are numbers with a unit, \`h\`, \`m\`, \`s\` or \`ms\`, also combined: \`200ms\`, \`1s\`, \`1m30s\`.

All problems of a command line are reported together, each with what to write instead, and the exit code is 2.
\`--help\` (\`-h\`) and \`--version\` (\`-V\`) work with every command.
`;

/** The reference of all commands as Markdown. */
export const cliReference = (): string => [INTRODUCTION, ...COMMANDS.map(commandSection)].join('\n');

function commandSection(command: AnyCommand): string {
  const { summary } = command;
  return [
    `## vippool ${callOf(command)}`,
    '',
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    '',
    ...argumentsOf(command).flatMap(({ type, meaning }) => [`\`${type.placeholder}\`: ${meaning}`, '']),
    '| Flag | Variable | Key | Default | Meaning |',
    '|---|---|---|---|---|',
    ...optionsOf(command).map(optionRow),
    '',
    '| Exit code | Meaning |',
    '|---|---|',
    ...exitCodesOf(command).map(({ code, meaning }) => `| ${code} | ${meaning} |`),
    '',
  ].join('\n');
}

function optionRow(option: AnyOption): string {
  const { flag, meaning, short, type } = option;
  const cells = [
    `\`${short === undefined ? '' : `-${short}, `}--${[flag, type.placeholder].join(' ').trimEnd()}\``,
    `\`${variableOf(flag)}\``,
    flag === CONFIG_OPTION.flag ? '' : `\`${fileKeyOf(flag)}\``,
    option.default.kind === 'required' ? '**required**' : defaultOf(option).replace(/^Default: (.*)\.$/, '$1'),
    meaning,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}
