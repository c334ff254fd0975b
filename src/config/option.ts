import type { ValueType } from './values/value-type.ts';

/** What holds where nobody gives the option. */
export type Default =
  | { readonly kind: 'required' }
  /** Read like text that a user wrote. */
  | { readonly kind: 'text'; readonly text: string }
  /** The name of the host that the program runs on. */
  | { readonly kind: 'hostname' };

/** No value; `meaning` says what the program does then ("no metrics"). */
export interface Absent {
  readonly kind: 'absent';
  readonly meaning: string;
}

/** One option: a flag, an environment variable and a key of the configuration file, all at once. */
export interface Option<T> {
  /** Kebab case, without dashes. The other two names are derived from it. */
  readonly flag: string;
  /** One letter, for what people type often. */
  readonly short?: string;
  readonly type: ValueType<NonNullable<T>>;
  readonly default: undefined extends T ? Default | Absent : Default;
  /** Sentences for the user: what it does, unit, trade-off. */
  readonly meaning: string;
}

/** The options of one command, by the property of its configuration that they fill. */
export type OptionTable<T> = { readonly [Property in keyof T]-?: Option<T[Property]> };

/** An option without the type of its value, for help texts and for reading. */
export type AnyOption = Pick<Option<unknown>, 'flag' | 'short' | 'meaning'> & {
  readonly type: ValueType<unknown>;
  readonly default: Default | Absent;
};

/** Two options that do not fit together: which one to change, and to what. */
export interface Contradiction {
  /** Flag name of the option that the message tells the user to change. */
  readonly flag: string;
  readonly message: string;
}

export const required: Default = { kind: 'required' };
export const hostname: Default = { kind: 'hostname' };
export const text = (text: string): Default => ({ kind: 'text', text });
export const absent = (meaning: string): Absent => ({ kind: 'absent', meaning });

/** "lease-duration" -> "VIPPOOL_LEASE_DURATION" */
export const variableOf = (flag: string): string => `VIPPOOL_${flag.toUpperCase().replaceAll('-', '_')}`;

/** "lease-duration" -> "leaseDuration" */
export const fileKeyOf = (flag: string): string =>
  flag.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
