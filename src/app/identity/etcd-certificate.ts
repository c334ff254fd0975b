import { type AuthorityBook, trustedOf } from '../../core/certificates/authority-book.ts';
import { LEAF_MS, RenewalPlan } from '../../core/certificates/renewal.ts';
import type { CertificateStore } from '../../ports/certificate-store.ts';
import type { Certifier, Holder } from '../../ports/certifier.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EtcdMembers } from '../../ports/etcd-members.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';

export interface EtcdCertificatePorts {
  readonly store: CertificateStore;
  readonly certifier: Certifier;
  readonly members: EtcdMembers;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const CERTIFICATE = 'tls.crt';
const KEY = 'tls.key';
const TRUST = 'ca.crt';
/** When the authorities in it were changed, RFC 3339. */
const CHANGED = 'changed';
/** After a change it takes kubelets so long to give it to a pod that starts. */
const DELIVERED_MS = 120_000;

/** Looks after the certificate of etcd's members, and starts them anew where they must learn of another authority. */
export class EtcdCertificate {
  readonly #ports: EtcdCertificatePorts;
  readonly #hosts: readonly string[];
  readonly #plan: RenewalPlan;

  /** @param hosts names under which the members are reached */
  constructor(ports: EtcdCertificatePorts, hosts: readonly string[]) {
    this.#ports = ports;
    this.#hosts = hosts;
    this.#plan = new RenewalPlan(ports.random.fraction());
  }

  /** Returns whether every member was started since it could learn of all authorities. Rejects with OpError. */
  async renew(book: AuthorityBook): Promise<boolean> {
    const { store, certifier, clock } = this.#ports;
    const { texts, version } = await store.read('etcd');
    const trusted = trustedOf(book);
    const nowMs = clock.wallNow().getTime();
    const holder: Holder = { name: 'etcd', hosts: this.#hosts };
    const pair = { certificate: texts[CERTIFICATE] ?? '', privateKey: texts[KEY] ?? '' };
    const isDue = this.#plan.dueInMs(certifier.termOf(pair, holder, trusted), nowMs) === 0;
    const changedAtMs = Date.parse(texts[CHANGED] ?? '');
    if (!isDue && texts[TRUST] === trusted) return book.next === undefined || this.#areNew(changedAtMs, nowMs);
    const fresh = isDue ? await certifier.issue(book.issuer, holder, nowMs + LEAF_MS) : pair;
    const isKnown = texts[TRUST] === trusted && Number.isFinite(changedAtMs);
    const changed = new Date(isKnown ? changedAtMs : nowMs).toISOString();
    const all = { [CERTIFICATE]: fresh.certificate, [KEY]: fresh.privateKey, [TRUST]: trusted, [CHANGED]: changed };
    const isWritten = await store.write('etcd', all, version);
    if (isWritten && isDue) this.#ports.log.log('info', 'the certificate of etcd was renewed', {});
    return book.next === undefined;
  }

  async #areNew(changedAtMs: number, nowMs: number): Promise<boolean> {
    const { members, log } = this.#ports;
    const newAtMs = changedAtMs + DELIVERED_MS;
    if (!(nowMs >= newAtMs)) return false;
    const all = [...(await members.startedAt())];
    const old = all.find(([, atMs]) => atMs !== undefined && atMs < newAtMs);
    if (!old) return all.every(([, atMs]) => atMs !== undefined);
    const [member] = old;
    if (await members.restart(member)) log.log('info', 'etcd starts anew, to trust another authority', { member });
    return false;
  }
}
