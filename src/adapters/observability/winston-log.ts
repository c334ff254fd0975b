import { inspect } from 'node:util';
import { createLogger, format, type Logger, transports } from 'winston';
import { OpError } from '../../core/op-error.ts';
import type { Log, LogFields, LogLevel } from '../../ports/log.ts';

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
}

/** One line per event on stdout, as JSON or for people. */
export class WinstonLog implements Log {
  readonly #logger: Logger;

  private constructor(logger: Logger) {
    this.#logger = logger;
  }

  static create(options: LogOptions, fields: LogFields): WinstonLog {
    const layout = options.format === 'json' ? format.json() : format.printf(prettyLine);
    const logger = createLogger({
      level: options.level,
      defaultMeta: plain(fields),
      format: format.combine(withTime(), layout),
      transports: [new transports.Console()],
    });
    return new WinstonLog(logger);
  }

  /** What this log and all logs made of it show from now on: this level and what is worse. */
  show(level: LogLevel): void {
    this.#logger.level = level;
  }

  shows(level: LogLevel): boolean {
    return this.#logger.isLevelEnabled(level);
  }

  log(level: LogLevel, message: string, fields: LogFields = {}): void {
    // The library makes the whole line before it looks at the level.
    if (!this.shows(level)) return;
    this.#logger.log(level, message, plain(fields));
  }

  child(fields: LogFields): Log {
    return new WinstonLog(this.#logger.child(plain(fields)));
  }
}

/** The one time field; winston's own format would leave a second one beside it. */
const withTime = format((info) => ({ ...info, ts: new Date().toISOString() }));

/** Fields of the line itself; a value of a caller must not take their place. */
const RESERVED = ['level', 'message', 'ts'];
const MAX_CAUSES = 5;

/** winston drops what makes an Error one, and appends a field named "message" to the message. */
function plain(fields: LogFields): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    result[RESERVED.includes(key) ? `${key}_` : key] = value instanceof Error ? plainError(value, MAX_CAUSES) : value;
  }
  return result;
}

/** An OpError says all there is to say; where any other error comes from, only its stack tells. */
function plainError(error: Error, causes: number): object {
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? { code: error.code } : {};
  const origin = error instanceof OpError ? {} : { stack };
  const why = cause instanceof Error && causes > 0 ? { cause: plainError(cause, causes - 1) } : {};
  return { name, message, ...code, ...origin, ...why };
}

function prettyLine({ level, message, ts, ...fields }: Record<string, unknown>): string {
  const rest = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : inline(value)}`,
  );
  return [ts, String(level).padEnd(5), message, ...rest].join(' ');
}

const inline = (value: unknown): string =>
  inspect(value, { breakLength: Number.POSITIVE_INFINITY, compact: true, depth: 6 });
