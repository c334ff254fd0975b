import type { Clock } from '../../ports/clock.ts';
import type { Log, LogFields, LogLevel } from '../../ports/log.ts';

/** Lines that say the same are written so often within a window; the rest are counted. */
const SHOWN = 10;
const WINDOW_MS = 60_000;
/** Different lines that are remembered in a window. More of them are all written: they are no repetition. */
const MAX_LINES = 5_000;
/** Text that differs though nothing else does, and the one number that tells one thing from another. */
const PASSING = 'output';
const TELLING = 'version';

interface Line {
  readonly log: Log;
  readonly level: LogLevel;
  readonly message: string;
  /** Those of its last occurrence. */
  fields: LogFields;
  /** Occurrences of this window that were written, and those that were not. */
  shown: number;
  hidden: number;
}

/** What a log and its children have in common. */
interface Book {
  readonly clock: Clock;
  readonly isShown: (level: LogLevel) => boolean;
  readonly lines: Map<string, Line>;
  cancel: (() => void) | undefined;
}

/**
 * Keeps what goes on for long from filling the log: ten lines that say the same within a minute, then one in a minute
 * with `repeated`, how many more there were. Lines say the same where level, message, all texts in their fields and
 * `version` are the same; other numbers may differ.
 */
export class LimitedLog implements Log {
  readonly #log: Log;
  readonly #name: string;
  readonly #book: Book;

  private constructor(log: Log, name: string, book: Book) {
    this.#log = log;
    this.#name = name;
    this.#book = book;
  }

  /** @param isShown whether lines of this level are written at all now */
  static around(log: Log, clock: Clock, isShown: (level: LogLevel) => boolean = () => true): LimitedLog {
    return new LimitedLog(log, '', { clock, isShown, lines: new Map(), cancel: undefined });
  }

  log(level: LogLevel, message: string, fields: LogFields = {}): void {
    const { lines, isShown } = this.#book;
    if (!isShown(level)) return;
    const key = `${this.#name} ${level} ${message} ${textsOf(fields)}`;
    const line = lines.get(key);
    if (line === undefined) {
      if (lines.size < MAX_LINES) lines.set(key, { log: this.#log, level, message, fields, shown: 1, hidden: 0 });
      this.#armed();
    } else if (line.shown >= SHOWN) {
      line.hidden += 1;
      line.fields = fields;
      return;
    } else {
      line.shown += 1;
    }
    this.#log.log(level, message, fields);
  }

  child(fields: LogFields): Log {
    return new LimitedLog(this.#log.child(fields), `${this.#name} ${textsOf(fields)}`, this.#book);
  }

  /** Says what was not said yet. */
  close(): void {
    this.#book.cancel?.();
    this.#book.cancel = undefined;
    endWindow(this.#book);
    this.#book.lines.clear();
  }

  #armed(): void {
    const book = this.#book;
    book.cancel ??= book.clock.after(WINDOW_MS, () => {
      book.cancel = undefined;
      endWindow(book);
      if (book.lines.size > 0) this.#armed();
    });
  }
}

/** What goes on is not written anew in the next window, but once at its end; what has ended is forgotten. */
function endWindow({ lines }: Book): void {
  for (const [key, line] of lines) {
    const { log, level, message, fields, hidden } = line;
    if (hidden === 0) {
      lines.delete(key);
      continue;
    }
    log.log(level, message, { ...fields, repeated: hidden });
    line.hidden = 0;
  }
}

function textsOf(fields: LogFields): string {
  const texts = Object.entries(fields).flatMap(([key, value]) => {
    const text = isError(value) ? value.message : value;
    return (typeof text === 'string' && key !== PASSING) || key === TELLING ? [key, text] : [];
  });
  return JSON.stringify(texts);
}

/** Node's own errors are of another realm in some hosts, so they are known by their shape. */
const isError = (value: unknown): value is { readonly message: unknown } =>
  typeof value === 'object' && value !== null && 'message' in value && 'stack' in value;
