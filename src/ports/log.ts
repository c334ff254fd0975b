/** Values that tell an event from the next; errors under the key `err`. Never secrets. */
export type LogFields = Readonly<Record<string, unknown>>;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Constant messages with fields, one line per decision. */
export interface Log {
  log(level: LogLevel, message: string, fields?: LogFields): void;
  child(fields: LogFields): Log;
}
