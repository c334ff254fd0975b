import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { poolName } from '../../core/ids.ts';
import type { PoolManifest } from '../../ports/source.ts';
import type { Declaration, Declarations } from './manifest-files.ts';
import type { PoolRecord } from './records.ts';

/** A pool as this process knows it. */
interface Identity {
  readonly uid: string;
  readonly createdAt: string;
  readonly generation: number;
  readonly file: string;
  readonly spec: unknown;
}

/**
 * Gives declared pools what an API server would give them: uid, creation time and a generation that grows with every
 * change of the spec, over restarts too. The truth is the record that the master writes; a standby that reads the same
 * files comes to the same values without writing.
 */
export class PoolLedger {
  readonly #identities = new Map<string, Identity>();

  /** All pools in order of name: what is declared, and what was removed but is still recorded. */
  reconcile(declared: Declarations, records: ReadonlyMap<string, PoolRecord>): PoolManifest[] {
    const pools: PoolManifest[] = [];
    const names = new Set<string>();
    for (const declaration of declared.manifests) {
      if (declaration.kind !== 'VipPool') continue;
      names.add(declaration.name);
      const record = records.get(declaration.name);
      const identity = identify(declaration, this.#identities.get(declaration.name), record);
      this.#identities.set(declaration.name, identity);
      pools.push(toManifest(declaration.name, identity, record, false));
    }
    for (const [name, record] of records) {
      if (names.has(name)) continue;
      // While a file was never readable, the pool may be in it: nothing that works is taken away on a guess.
      pools.push(toManifest(name, this.#identities.get(name) ?? record, record, declared.complete));
      names.add(name);
    }
    for (const name of this.#identities.keys()) if (!names.has(name)) this.#identities.delete(name);
    return pools.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The record to keep with this status; undefined for a pool that is not there. */
  record(name: string, old: PoolRecord | undefined, status: PoolRecord['status']): PoolRecord | undefined {
    const known = this.#identities.get(name) ?? old;
    if (known === undefined) return undefined;
    const { uid, generation, createdAt, file, spec } = known;
    return { kind: 'VipPool', name, uid, generation, createdAt, file, spec, status };
  }
}

function identify(declaration: Declaration, known: Identity | undefined, record: PoolRecord | undefined): Identity {
  const { file, spec } = declaration;
  const createdAt = record?.createdAt ?? known?.createdAt ?? declaration.bornAt;
  const uid = record?.uid ?? known?.uid ?? uidOf(declaration.name, createdAt);
  return { uid, createdAt, file, spec, generation: generationOf(spec, known, record) };
}

function generationOf(spec: unknown, known: Identity | undefined, record: PoolRecord | undefined): number {
  const own = known === undefined ? 0 : known.generation + (isDeepStrictEqual(spec, known.spec) ? 0 : 1);
  if (record === undefined) return Math.max(1, own);
  if (isDeepStrictEqual(spec, record.spec)) return Math.max(own, record.generation);
  // The master's record may run ahead of the file that we have read; it says nothing about another spec then.
  return known === undefined ? record.generation + 1 : own;
}

function toManifest(name: string, identity: Identity, record: PoolRecord | undefined, deleting: boolean): PoolManifest {
  const { uid, generation, createdAt, spec } = identity;
  return { name: poolName(name), uid, generation, createdAt, deleting, spec, status: record?.status };
}

/** The same for every controller that sees the same file, in the form of a UUID. */
function uidOf(name: string, createdAt: string): string {
  const hex = createHash('sha256').update(`${name}\n${createdAt}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
