import { nearestName } from './nearest-name.ts';
import type { Problem } from './pool.ts';
import { SCHEMA_MESSAGES } from './pool-messages.ts';
import { parseDuration } from './time.ts';

/**
 * One place of an unchecked manifest. Each reader returns the value where it is sound; otherwise it notes a problem and
 * returns undefined. A field that is absent (or null, as YAML reads "field:") is undefined without a problem.
 */
export class Field {
  readonly path: string;
  readonly value: unknown;
  readonly #problems: Problem[];

  constructor(path: string, value: unknown, problems: Problem[]) {
    this.path = path;
    this.value = value ?? undefined;
    this.#problems = problems;
  }

  get isAbsent(): boolean {
    return this.value === undefined;
  }

  report(message: string): undefined {
    this.#problems.push({ path: this.path, message });
    return undefined;
  }

  /** The named members of an object; others are problems. `example` shows how to write such an object. */
  members<Name extends string>(names: readonly Name[], example: string): Record<Name, Field> {
    const object = this.#plainObject(example) ?? {};
    for (const name of Object.keys(object)) {
      if (!(names as readonly string[]).includes(name)) this.#child(`.${name}`, undefined).report(unknown(name, names));
    }
    const pairs = names.map((name) => [name, this.#child(`.${name}`, object[name])] as const);
    return Object.fromEntries(pairs) as Record<Name, Field>;
  }

  /** The same of an object that must be there, such as an entry of a list; undefined where it is none. */
  requiredMembers<Name extends string>(names: readonly Name[], example: string): Record<Name, Field> | undefined {
    if (this.isAbsent) return this.report(`must be an object, not empty: write ${example}`);
    const members = this.members(names, example);
    return typeof this.value === 'object' && !Array.isArray(this.value) ? members : undefined;
  }

  /** An object with free keys. */
  entries(max: number, example: string): (readonly [string, Field])[] {
    const entries = Object.entries(this.#plainObject(example) ?? {});
    if (entries.length > max) this.report(`too many entries: write at most ${max}`);
    return entries.map(([key, value]) => [key, this.#child(`[${JSON.stringify(key)}]`, value)] as const);
  }

  /** One entry of a list, or of an object with free keys, to report what another field tells about it. */
  at(key: number | string): Field {
    const step = typeof key === 'number' ? `[${key}]` : `[${JSON.stringify(key)}]`;
    return this.#child(step, (this.value as Record<string, unknown> | undefined)?.[key]);
  }

  /** The entries of a list, of whatever kind. */
  items(max: number, example: string): readonly Field[] | undefined {
    if (this.isAbsent) return undefined;
    if (!Array.isArray(this.value)) return this.report(`must be a list, not ${kindOf(this.value)}: write ${example}`);
    if (this.value.length > max) return this.report(`too many entries: write at most ${max}`);
    return this.value.map((value, index) => this.#child(`[${index}]`, value));
  }

  /** A list of texts; undefined where any entry is none. */
  texts(max: number, example: string): readonly Field[] | undefined {
    const items = this.items(max, example);
    return items?.filter((item) => item.requiredText() === undefined).length === 0 ? items : undefined;
  }

  /** Entries of a list of texts must differ. */
  refuseRepeated(items: readonly Field[]): void {
    for (const [index, item] of items.entries()) {
      if (items.findIndex((other) => other.value === item.value) < index) item.report(SCHEMA_MESSAGES.listedTwice);
    }
  }

  text(): string | undefined {
    return this.isAbsent ? undefined : this.requiredText();
  }

  /** A text of at most `max` characters. */
  shortText(max: number): string | undefined {
    const text = this.text();
    return text !== undefined && text.length > max ? this.report(`too long: write at most ${max} characters`) : text;
  }

  /** A text that must be there, such as an entry of a list. */
  requiredText(): string | undefined {
    if (typeof this.value === 'string') return this.value;
    return this.report(`must be a text, not ${kindOf(this.value)}: write it in quotes`);
  }

  integer(min: number, max: number): number | undefined {
    if (this.isAbsent) return undefined;
    if (typeof this.value !== 'number' || !Number.isInteger(this.value)) {
      return this.report(`must be a whole number, not ${kindOf(this.value)}: write ${min} to ${max}`);
    }
    return this.value < min || this.value > max ? this.report(`out of range: write ${min} to ${max}`) : this.value;
  }

  boolean(): boolean | undefined {
    if (this.isAbsent || typeof this.value === 'boolean') return this.value as boolean | undefined;
    return this.report(`must be a truth value, not ${kindOf(this.value)}: write true or false`);
  }

  choice<Choice extends string>(choices: readonly Choice[]): Choice | undefined {
    if (this.isAbsent) return undefined;
    const choice = choices.find((candidate) => candidate === this.value);
    return choice ?? this.report(`unknown value ${JSON.stringify(this.value)}: write ${listed(choices)}`);
  }

  /** Whole milliseconds: the wire carries nothing finer. `isAllowed` limits them, `message` says to what. */
  duration(isAllowed: (ms: number) => boolean, message: string): number | undefined {
    const text = this.text();
    if (text === undefined) return undefined;
    const ms = parseDuration(text);
    if (ms === undefined) return this.report(SCHEMA_MESSAGES.duration);
    const whole = Math.round(ms);
    return isAllowed(whole) ? whole : this.report(message);
  }

  #plainObject(example: string): Record<string, unknown> | undefined {
    if (this.isAbsent) return undefined;
    if (typeof this.value === 'object' && !Array.isArray(this.value)) return this.value as Record<string, unknown>;
    return this.report(`must be an object, not ${kindOf(this.value)}: write ${example}`);
  }

  #child(step: string, value: unknown): Field {
    return new Field(`${this.path}${step}`, value, this.#problems);
  }
}

function unknown(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return `unknown field: ${nearest ? `did you mean ${nearest}?` : `the fields here are ${names.join(', ')}`}`;
}

const listed = (choices: readonly string[]): string =>
  choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;

function kindOf(value: unknown): string {
  if (value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'object') return 'an object';
  return `${typeof value === 'boolean' ? 'a truth value' : 'a number'} (${JSON.stringify(value)})`;
}
