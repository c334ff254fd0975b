import { OpError } from '../../core/op-error.ts';
import type { EventSubject, ObjectEvent } from '../../core/object-event.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EventSink } from '../../ports/event-sink.ts';
import type { Random } from '../../ports/random.ts';
import type { ApiClient } from './api-client.ts';
import type { Reply } from './errors.ts';
import { API_VERSION, isRecord } from './objects.ts';

export interface KubeEventsOptions {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Who tells, of several controllers. */
  readonly instance: string;
  /** `metadata.uid` of the object; undefined: there is none. Without it `kubectl describe` would not show the event. */
  readonly uidOf: (about: EventSubject) => Promise<string | undefined>;
}

/** Events about objects without a namespace live here, says the API server. */
const COLLECTION = '/apis/events.k8s.io/v1/namespaces/default/events';
const CONTROLLER = 'vippool.io/controller';
/** The same words within this time are one series. */
const SERIES_MS = 6 * 60_000;
/** Series that are remembered, the newest. */
const MAX_SERIES = 1_000;
/** Bytes of `note`: 1,024 are allowed. */
const MAX_NOTE_BYTES = 1_000;

interface Series {
  readonly name: string;
  readonly count: number;
  readonly lastMs: number;
}

/** Events of events.k8s.io/v1, which `kubectl describe` and `kubectl get events` show. */
export class KubeEvents implements EventSink {
  readonly #options: KubeEventsOptions;
  /** The one that was told last is at the end. */
  readonly #series = new Map<string, Series>();

  constructor(options: KubeEventsOptions) {
    this.#options = options;
  }

  async record(event: ObjectEvent): Promise<void> {
    const uid = await this.#options.uidOf(event.about);
    if (uid === undefined) return;
    const key = JSON.stringify([uid, event]);
    const known = this.#series.get(key);
    const now = this.#options.clock.now();
    const isOn = known !== undefined && now - known.lastMs < SERIES_MS;
    const { name, count } = (isOn ? await this.#again(known) : undefined) ?? (await this.#first(event, uid));
    this.#series.delete(key);
    this.#series.set(key, { name, count, lastMs: now });
    for (const oldest of this.#series.keys()) {
      if (this.#series.size <= MAX_SERIES) break;
      this.#series.delete(oldest);
    }
  }

  async #first({ about, type, reason, action, note }: ObjectEvent, uid: string): Promise<Omit<Series, 'lastMs'>> {
    const name = `${about.name.slice(0, 200)}.${this.#options.random.hex(8)}`;
    const reply = await this.#options.api.call({
      method: 'POST',
      path: COLLECTION,
      contentType: 'application/json',
      body: {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name, namespace: 'default' },
        eventTime: this.#microTime(),
        reportingController: CONTROLLER,
        reportingInstance: this.#options.instance.slice(0, 128),
        action,
        reason,
        type,
        regarding: { apiVersion: API_VERSION, kind: about.kind, name: about.name, uid },
        note: shortened(note),
      },
    });
    expectTold(reply, 'create');
    return { name, count: 1 };
  }

  /** Undefined where the event has expired meanwhile. */
  async #again(known: Series): Promise<Omit<Series, 'lastMs'> | undefined> {
    const count = known.count + 1;
    const reply = await this.#options.api.call({
      method: 'PATCH',
      path: `${COLLECTION}/${known.name}`,
      contentType: 'application/merge-patch+json',
      body: { series: { count, lastObservedTime: this.#microTime() } },
    });
    if (reply.status === 404) return undefined;
    expectTold(reply, 'patch');
    return { name: known.name, count };
  }

  /** metav1.MicroTime wants six digits. */
  #microTime(): string {
    return this.#options.clock.wallNow().toISOString().replace('Z', '000Z');
  }
}

function shortened(note: string): string {
  const bytes = Buffer.from(note);
  return bytes.length <= MAX_NOTE_BYTES ? note : `${bytes.subarray(0, MAX_NOTE_BYTES).toString()}...`;
}

function expectTold({ status, body }: Reply, verb: 'create' | 'patch'): void {
  if (status >= 200 && status < 300) return;
  const said = isRecord(body) && typeof body['message'] === 'string' ? body['message'] : 'no reason given';
  if (status === 403) {
    throw new OpError(
      'PermissionDenied',
      `not allowed to ${verb} events: grant verb "${verb}" on resource "events" of API group "events.k8s.io" (${status}: ${said})`,
    );
  }
  const mayPass = status === 401 || status === 408 || status === 409 || status === 429 || status >= 500;
  throw new OpError(mayPass ? 'Unavailable' : 'InvalidInput', `${verb} of an event failed (${status}: ${said})`);
}
