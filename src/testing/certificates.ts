import { createAuthority, issue, type Validity } from '../adapters/certificates/authority.ts';
import type { Identity } from '../core/identity.ts';
import type { CertifiedKey } from '../ports/certifier.ts';
import type { Credentials, KeyMaterial } from '../ports/credentials.ts';

const HOUR_MS = 3_600_000;

/** A term around the real time, or around another one. */
export const around = (now = new Date(), hours = 24): Validity => ({
  notBefore: new Date(now.getTime() - HOUR_MS),
  notAfter: new Date(now.getTime() + hours * HOUR_MS),
});

/** A term that has ended an hour ago. */
export const over = (now = new Date()): Validity => ({
  notBefore: new Date(now.getTime() - 2 * HOUR_MS),
  notAfter: new Date(now.getTime() - HOUR_MS),
});

/** An authority of one test. */
export class TestAuthority {
  readonly pair: CertifiedKey;

  private constructor(pair: CertifiedKey) {
    this.pair = pair;
  }

  static async create(validity = around()): Promise<TestAuthority> {
    return new TestAuthority(await createAuthority(validity));
  }

  /** Key material for somebody who trusts this authority, and `others`. */
  async material(identity: Identity, validity = around(), others: readonly TestAuthority[] = []): Promise<KeyMaterial> {
    const authorities = [this, ...others].map(({ pair }) => pair.certificate).join('');
    return { ...(await issue(this.pair, { name: 'test', identity }, validity)), authorities };
  }

  /** For somebody who trusts this authority, and shows what `other` certified. */
  async misled(identity: Identity, other: TestAuthority): Promise<HeldCredentials> {
    return new HeldCredentials({ ...(await other.material(identity)), authorities: this.pair.certificate });
  }

  /** For a server on this machine that is known by its address. */
  async server(validity = around()): Promise<KeyMaterial> {
    const pair = await issue(this.pair, { name: 'test', hosts: ['127.0.0.1', 'localhost'] }, validity);
    return { ...pair, authorities: this.pair.certificate };
  }

  async credentials(identity: Identity, validity?: Validity): Promise<HeldCredentials> {
    return new HeldCredentials(await this.material(identity, validity));
  }
}

/** Key material that a test changes. */
export class HeldCredentials implements Credentials {
  #material: KeyMaterial;
  readonly #watchers = new Set<() => void>();

  constructor(material: KeyMaterial) {
    this.#material = material;
  }

  current(): KeyMaterial {
    return this.#material;
  }

  replace(material: KeyMaterial): void {
    this.#material = material;
    for (const changed of this.#watchers) changed();
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }
}

/** Credentials of several parties of one authority; none where the way between them is not secured. */
export async function credentialsOf(
  identities: readonly Identity[],
  { secured }: { readonly secured: boolean },
): Promise<(identity: Identity) => HeldCredentials | undefined> {
  if (!secured) return () => undefined;
  const authority = await TestAuthority.create();
  const pairs = identities.map(async (identity) => [identity, await authority.credentials(identity)] as const);
  const all = new Map(await Promise.all(pairs));
  return (identity) => all.get(identity);
}
