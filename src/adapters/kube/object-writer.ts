import { OpError } from '../../core/op-error.ts';
import type { ApiClient } from './api-client.ts';
import { expectOk, identity, type Reply } from './errors.ts';
import type { GuardedPatch } from './finalizers.ts';
import { parseObject, pathOf, type KubeObject, type Resource } from './objects.ts';

const FIELD_MANAGER = 'vippool-controller';
/** Conflicts are rare and short; one that stays is somebody else's bug, and the caller's next try. */
const MAX_TRIES = 5;

/** Writes to objects of our API group; each write is safe to repeat. */
export class ObjectWriter {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  /** Server-side apply of the whole status, forced: nobody else owns fields of it. False: there is no such object. */
  async applyStatus(resource: Resource, name: string, status: unknown): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const reply = await this.#apply(resource, name, { ...identity(resource, name), status }, 'status');
      if (reply.status === 404) {
        await this.#expectCollection(resource);
        return false;
      }
      if (reply.status !== 409 || attempt === MAX_TRIES) {
        expectOk(reply, { verb: 'patch', resource, subresource: 'status', name });
        return true;
      }
      // A status for an object that has gone meanwhile is no conflict any more.
      if ((await this.read(resource, name)) === undefined) return false;
    }
  }

  /**
   * The same for this very object and for no other one that has its name by now; one that has gone is no error. `known`
   * may be old.
   */
  async applyStatusTo(resource: Resource, known: KubeObject, status: unknown): Promise<void> {
    const { name, uid } = known.metadata;
    let object: KubeObject | undefined = known;
    for (let attempt = 1; object?.metadata.uid === uid; attempt++) {
      // Of what is told of an object here, the API server compares the version alone: a wrong uid it passes over.
      const { resourceVersion } = object.metadata;
      const body = { ...identity(resource, name), metadata: { name, resourceVersion }, status };
      const reply = await this.#apply(resource, name, body, 'status');
      if (reply.status === 404) return this.#expectCollection(resource);
      if (reply.status !== 409 || attempt === MAX_TRIES) {
        expectOk(reply, { verb: 'patch', resource, subresource: 'status', name });
        return;
      }
      object = await this.read(resource, name);
    }
  }

  /** Deletes the object of this uid; where it is not there, nothing happens. */
  async remove(resource: Resource, name: string, uid: string): Promise<void> {
    const reply = await this.#api.call({
      method: 'DELETE',
      path: pathOf(resource, name),
      contentType: 'application/json',
      body: { preconditions: { uid } },
    });
    // 409: there is another one of that name by now.
    if (reply.status !== 404 && reply.status !== 409) expectOk(reply, { verb: 'delete', resource, name });
  }

  /** Creates the object without content of its own where it is missing. */
  async ensure(resource: Resource, name: string): Promise<void> {
    const reply = await this.#apply(resource, name, identity(resource, name));
    expectOk(reply, { verb: 'patch', resource, name });
  }

  /** Undefined where it does not exist. */
  async read(resource: Resource, name: string): Promise<KubeObject | undefined> {
    const reply = await this.#api.call({ method: 'GET', path: pathOf(resource, name) });
    if (reply.status === 404) return undefined;
    const object = parseObject(expectOk(reply, { verb: 'get', resource, name }));
    if (object === undefined) throw new OpError('Internal', `the API server answered nonsense about ${name}`);
    return object;
  }

  /** Reads, decides and patches until the decision holds. `decide` returns undefined where nothing is to do. */
  async amend(
    resource: Resource,
    name: string,
    decide: (object: KubeObject) => GuardedPatch | undefined,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const object = await this.read(resource, name);
      const patch = object && decide(object);
      if (patch === undefined) return;
      const reply = await this.#api.call({
        method: 'PATCH',
        path: pathOf(resource, name),
        query: { fieldManager: FIELD_MANAGER },
        contentType: 'application/merge-patch+json',
        body: patch,
      });
      if (reply.status === 404) return;
      if (reply.status !== 409 || attempt === MAX_TRIES) {
        expectOk(reply, { verb: 'patch', resource, name });
        return;
      }
    }
  }

  #apply(resource: Resource, name: string, body: unknown, subresource?: 'status'): Promise<Reply> {
    return this.#api.call({
      method: 'PATCH',
      path: pathOf(resource, name) + (subresource === undefined ? '' : `/${subresource}`),
      query: { fieldManager: FIELD_MANAGER, force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body,
    });
  }

  /** 404 means that the object is missing, or else its CRD, which is a fault. */
  async #expectCollection(resource: Resource): Promise<void> {
    const reply = await this.#api.call({ method: 'GET', path: pathOf(resource), query: { limit: '1' } });
    expectOk(reply, { verb: 'list', resource });
  }
}
