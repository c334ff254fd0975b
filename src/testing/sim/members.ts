/** Which hosts belong to a pool: an administrator leaves some of them out for a while, by labels that all others have. */
import type { NodeName } from '../../core/ids.ts';
import type { Action } from './actions.ts';
import type { Concern } from './calm.ts';
import { includes } from './links.ts';
import { labelOfOthers } from './setup.ts';
import type { World } from './world.ts';

const CHANGED: Concern = { config: true };

export class Members {
  readonly #hosts: readonly NodeName[];
  /** Of each pool how often each host is left out now. */
  readonly #leftOut = new Map<string, Map<NodeName, number>>();
  readonly #lists = new Map<string, (readonly NodeName[])[]>();

  constructor(hosts: readonly NodeName[]) {
    this.#hosts = hosts;
  }

  of(pool: string): readonly NodeName[] {
    return this.#hosts.filter((host) => !this.#isLeftOut(pool, host));
  }

  /** Every list of members that the pool has had. */
  everOf(pool: string): readonly (readonly NodeName[])[] {
    return this.#lists.get(pool) ?? [this.#hosts];
  }

  /** @returns the labels that the pool asks of its hosts now */
  leaveOut(pool: string, hosts: readonly NodeName[], by: 1 | -1): Readonly<Record<string, string>> {
    const counts = this.#leftOut.get(pool) ?? new Map<NodeName, number>();
    this.#leftOut.set(pool, counts);
    for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + by);
    this.#lists.set(pool, [...this.everOf(pool), this.of(pool)]);
    const others = this.#hosts.filter((host) => this.#isLeftOut(pool, host));
    return Object.fromEntries(others.map((host) => [labelOfOthers(host), '']));
  }

  #isLeftOut(pool: string, host: NodeName): boolean {
    return (this.#leftOut.get(pool)?.get(host) ?? 0) > 0;
  }
}

/** `a`: the pool; `b`: bit mask of the hosts that it leaves out. */
export function leftOut(
  { setup, agents, calm, members, source }: World,
  { a, b }: Action,
): {
  readonly concern: Concern;
  readonly begin: () => void;
  readonly end: () => void;
} {
  const pool = setup.pools[a % setup.pools.length]?.name ?? '';
  const out = agents.filter((_, index) => includes(b, index));
  const hosts = out.map(({ node }) => node);
  const change = (by: 1 | -1): void => {
    const matchLabels = members.leaveOut(pool, hosts, by);
    source.edit(pool, { ...source.specOf(pool), nodeSelector: { matchLabels } });
    calm.begin(CHANGED);
    calm.end(CHANGED);
  };
  return { concern: { ill: out.map(({ machine }) => machine) }, begin: () => change(1), end: () => change(-1) };
}
