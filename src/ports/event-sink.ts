import type { ObjectEvent } from '../core/object-event.ts';

/** Where people look for what happened to an object. */
export interface EventSink {
  /**
   * Tells the event once more: what was told a short time ago with the same words is counted, not repeated. About an
   * object that has gone nothing is told. Throws OpError; tried once.
   */
  record(event: ObjectEvent): Promise<void>;
}
