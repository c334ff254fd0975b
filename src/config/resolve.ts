import type { Problem } from '../core/pool.ts';
import type { Command } from './command.ts';
import type { Given } from './given.ts';
import { fileKeyOf, variableOf, type AnyOption } from './option.ts';
import { bad, type Read } from './values/value-type.ts';

/** Facts about the host that defaults are made of. */
export interface HostFacts {
  readonly hostname: string;
}

/**
 * Picks the text of each option (the first of `given` that has one, else the default), reads it and checks the options
 * against one another. The configuration is complete if, and only if, there are no problems.
 * @param argument what was read of the word that follows the command
 */
export function resolveOptions<Config, Argument extends keyof Config>(
  command: Command<Config, Argument>,
  given: readonly Given[],
  host: HostFacts,
  argument: object = {},
): { readonly config: Partial<Config>; readonly problems: readonly Problem[] } {
  const config: Partial<Record<string, unknown>> = { ...argument };
  const problems: Problem[] = [];
  const places = new Map<string, string>();
  for (const [property, option] of Object.entries<AnyOption>(command.options)) {
    const source = given.find(({ flag }) => flag === option.flag);
    const where = source?.where ?? `--${option.flag}`;
    places.set(option.flag, where);
    const read = source ? readGiven(option, source.texts) : readDefault(option, host);
    if (read.ok) config[property] = read.value;
    else problems.push({ path: where, message: read.message });
  }
  const readable = config as Partial<Config>;
  for (const { flag, message } of command.contradictions(readable)) {
    problems.push({ path: places.get(flag) ?? `--${flag}`, message });
  }
  return { config: readable, problems };
}

function readGiven(option: AnyOption, texts: readonly string[]): Read<unknown> {
  if (!option.type.many && texts.length > 1) return bad(`is given ${texts.length} times; write it once`);
  return option.type.read(texts);
}

function readDefault(option: AnyOption, host: HostFacts): Read<unknown> {
  const { flag, type } = option;
  switch (option.default.kind) {
    case 'absent':
      return { ok: true, value: undefined };
    case 'text':
      return type.read([option.default.text]);
    case 'hostname': {
      const read = type.read([host.hostname]);
      return read.ok
        ? read
        : bad(`the name of this host does not fit: ${read.message}; write --${flag} ${type.placeholder}`);
    }
    case 'required':
      return bad(
        `is missing; write --${flag} ${type.placeholder}, set ${variableOf(flag)}, ` +
          `or give the key ${fileKeyOf(flag)} in the file of --config`,
      );
  }
}
