import { COMMANDS } from './command.ts';
import type { CompletionConfig } from './options/operate.ts';
import { argumentsOf, optionsOf, type AnyCommand } from './help.ts';
import type { AnyOption } from './option.ts';

/** A script for the shell that completes commands, options, and values of which there are few. */
export function completionScript(shell: CompletionConfig['shell']): string {
  switch (shell) {
    case 'bash':
      return bash();
    case 'zsh':
      return `#compdef vippool\nautoload -U +X bashcompinit && bashcompinit\n${bash()}`;
    case 'fish':
      return fish();
  }
}

const NAMES = [...COMMANDS.map(({ name }) => name), 'help', 'version'];

const flagsOf = (command: AnyCommand): readonly string[] => [
  ...optionsOf(command).map(({ flag }) => `--${flag}`),
  '--help',
];

/** "table|wide|json|yaml" names its words itself. */
const choicesOf = ({ type }: Pick<AnyOption, 'type'>): readonly string[] =>
  /^[a-z-]+(\|[a-z-]+)+$/.test(type.placeholder) ? type.placeholder.split('|') : [];

/** What may follow an option that has few values. */
const valuesOf = (
  command: AnyCommand,
): readonly { readonly flags: readonly string[]; readonly words: readonly string[] }[] =>
  optionsOf(command).flatMap((option) => {
    const words = choicesOf(option);
    if (words.length === 0) return [];
    return [{ flags: [`--${option.flag}`, ...(option.short === undefined ? [] : [`-${option.short}`])], words }];
  });

/** What may follow anything else. */
const wordsOf = (command: AnyCommand): readonly string[] => [
  ...argumentsOf(command).flatMap(choicesOf),
  ...flagsOf(command),
];

/** What kubectl calls for the completion of `kubectl vip`, with the words after "vip", the last of which is not finished. */
export const KUBECTL_COMPLETER = 'kubectl_complete-vip';

/** No more than these words. */
const NO_FILES = ':4';
/** Names of files, if anything. */
const FILES = ':0';

/** What `KUBECTL_COMPLETER` prints: a word a line, and in the last one whether names of files follow as well. */
export function kubectlCompletion(words: readonly string[]): string {
  const begun = words.at(-1) ?? '';
  const offered = wordsAfter(words.slice(0, -1)).filter((word) => word.startsWith(begun));
  return [...offered, offered.length > 0 ? NO_FILES : FILES, ''].join('\n');
}

function wordsAfter(words: readonly string[]): readonly string[] {
  const [name, previous = ''] = [words[0], words.at(-1)];
  if (name === undefined) return NAMES;
  if (name === 'help') return COMMANDS.map((command) => command.name);
  const command = COMMANDS.find((item) => item.name === name);
  if (!command) return [];
  return valuesOf(command).find(({ flags }) => flags.includes(previous))?.words ?? wordsOf(command);
}

function bash(): string {
  const cases = COMMANDS.map((command) =>
    [
      `    ${command.name})`,
      '      case "$previous" in',
      ...valuesOf(command).map(({ flags, words }) => `        ${flags.join('|')}) words="${words.join(' ')}" ;;`),
      `        *) words="${wordsOf(command).join(' ')}" ;;`,
      '      esac ;;',
    ].join('\n'),
  );
  return `_vippool() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${NAMES.join(' ')}"
  else
    case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    help) words="${COMMANDS.map(({ name }) => name).join(' ')}" ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _vippool vippool
`;
}

function fish(): string {
  const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
  const commands = COMMANDS.map(
    ({ name, summary }) => `complete -c vippool -f -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
  );
  const options = COMMANDS.flatMap((command) => {
    const seen = `-n '__fish_seen_subcommand_from ${command.name}'`;
    const words = argumentsOf(command).flatMap(choicesOf);
    return [
      ...(words.length > 0 ? [`complete -c vippool -f ${seen} -a ${quoted(words.join(' '))}`] : []),
      ...optionsOf(command).map((option) => {
        const choices = choicesOf(option);
        const value = choices.length > 0 ? `-x -a ${quoted(choices.join(' '))}` : '-r';
        const parts = [
          `complete -c vippool ${seen}`,
          `-l ${option.flag}`,
          ...(option.short === undefined ? [] : [`-s ${option.short}`]),
          ...(option.type.bare === undefined ? [value] : []),
          `-d ${quoted(option.meaning)}`,
        ];
        return parts.join(' ');
      }),
    ];
  });
  return `${[...commands, ...options].join('\n')}\n`;
}
