import { describe, expect, it } from '@jest/globals';
import { applied, held, n, nodeEntry, pool, term, v, vips } from '../testing/core-builders.ts';
import type { NodeName } from './ids.ts';
import { type MasterState, newMaster, reconcile } from './master.ts';
import type { AppliedReport, Assignment } from './messages.ts';
import type { NodeEntry } from './node-table.ts';
import type { PoolView } from './pool-view.ts';
import { answeredVips, followRefusals } from './refusals.ts';
import { monotonic, NEVER } from './time.ts';

const REIGN = term(5);
const NODES = ['node-1', 'node-2', 'node-3'];
const [TAKEN = v('none')] = vips(1);
const STEP_MS = 100;

/** A master and nodes that obey at once; a stranger answers for one VIP, and whoever shall bind it finds out. */
class Contested {
  isTaken = true;
  #state: MasterState = newMaster(REIGN);
  readonly #entries = new Map<NodeName, NodeEntry>();
  now = 1_000;
  /** Who could not bind the VIP, in each state of the world that anybody may see. */
  readonly told: string[] = [];
  asked = 0;

  constructor() {
    for (const [index, name] of NODES.entries()) {
      this.#entries.set(n(name), { ...nodeEntry(name), highestTerm: REIGN, session: index + 1 });
    }
  }

  run(ms: number): this {
    for (const end = this.now + ms; this.now < end; this.now += STEP_MS) while (this.#decide() > 0);
    return this;
  }

  get holders(): string[] {
    return [...this.#entries.values()].flatMap(({ node, applied: report }) =>
      report?.held.some(({ vip }) => vip === TAKEN) ? [node] : [],
    );
  }

  change(node: string, over: Partial<NodeEntry>): void {
    const entry = this.#entries.get(n(node));
    if (entry) this.#entries.set(entry.node, { ...entry, ...over });
  }

  #decide(): number {
    const world = { pools: [pool()], isFrozen: () => false, records: new Map(), previousHomes: new Map() };
    const all = { ...world, blindUntil: NEVER, nodes: this.#entries };
    const { state, views, outgoing } = reconcile(this.#state, all, monotonic(this.now));
    this.#state = state;
    this.told.push(whoRefuses(views));
    for (const { assignment } of outgoing) this.change(assignment.node, { applied: this.#obey(assignment) });
    return outgoing.length;
  }

  #obey({ node, lease, term: of, version, vips: wanted }: Assignment): AppliedReport {
    const isMet = this.isTaken && wanted.some(({ vip }) => vip === TAKEN);
    if (isMet) this.asked++;
    return applied(node, {
      lease,
      term: of,
      version,
      held: wanted.flatMap((item) => (this.isTaken && item.vip === TAKEN ? [] : [held(item.vip, item.pool)])),
      refused: isMet ? [{ vip: TAKEN, reason: 'AddressConflict', message: '02:00:00:00:00:ff answers' }] : [],
    });
  }
}

const whoRefuses = (views: readonly PoolView[]): string =>
  views
    .flatMap(({ refusals }) => refusals.map(({ node, vip }) => `${node} ${vip}`))
    .toSorted()
    .join();

describe('a VIP that a stranger answers for', () => {
  it('is told of without a break from the first refusal on, while every node is asked again now and then', () => {
    const contested = new Contested().run(35_000);
    const first = contested.told.findIndex((who) => who !== '');
    expect(contested.told.slice(first)).not.toContain('');
    expect(contested.told.at(-1)).toBe(NODES.map((node) => `${node} ${TAKEN}`).join());
    expect(contested.asked).toBe(4 * NODES.length);
  });

  it('is bound within the time of a refusal once the stranger has left, and told of no more', () => {
    const contested = new Contested().run(5_000);
    contested.isTaken = false;
    contested.run(10_000);
    expect(contested.holders).toHaveLength(1);
    expect(contested.told.at(-1)).toBe('');
  });

  it('is not told of for a node that is gone, or has begun another life', () => {
    const contested = new Contested().run(5_000);
    contested.change('node-1', { gone: 'lease-ended' });
    contested.run(STEP_MS);
    expect(contested.told.at(-1)).not.toContain('node-1');
    expect(contested.told.at(-1)).toContain('node-2');
  });
});

it('a VIP whose lost holder has answered any node counts as answered, one that a stranger holds does not', () => {
  const [answered = TAKEN, foreign = TAKEN] = vips(2);
  const refused = [
    { vip: answered, reason: 'HolderAnswers', message: '' },
    { vip: foreign, reason: 'AddressConflict', message: '' },
  ] as const;
  const entry = nodeEntry('node-1', { applied: applied('node-1', { refused }) });
  const refusals = followRefusals(new Map(), new Map([[entry.node, entry]]), monotonic(0));
  expect([...answeredVips(refusals)]).toEqual([answered]);
});
