export interface Holding {
  /** Hosts that answered in the newest round. */
  readonly holders: readonly string[];
  /** Time in which two or more hosts answered; the resolution is one round. */
  readonly twoHoldersMs: number;
  /** Time in which no host answered. */
  readonly noHolderMs: number;
}

interface Round {
  readonly at: number;
  readonly holders: readonly string[];
}

/** Which hosts answered for which VIP, round by round; consecutive rounds with the same answer are one entry. */
export class HoldingBook {
  readonly #history = new Map<string, Round[]>();
  #current = new Map<string, Set<string>>();
  #roundAt: number | undefined;
  #lastRoundAt = 0;

  beginRound(at: number): void {
    this.#roundAt = at;
    this.#current = new Map();
  }

  answered(vip: string, host: string): void {
    const hosts = this.#current.get(vip) ?? new Set();
    this.#current.set(vip, hosts.add(host));
  }

  /** The answers to the questions of the last round are in. */
  endRound(): void {
    if (this.#roundAt === undefined) return;
    for (const vip of new Set([...this.#history.keys(), ...this.#current.keys()])) {
      const holders = [...(this.#current.get(vip) ?? [])].sort();
      const history = this.#history.get(vip) ?? [];
      this.#history.set(vip, history);
      if (history.at(-1)?.holders.join() !== holders.join()) history.push({ at: this.#roundAt, holders });
    }
    this.#lastRoundAt = this.#roundAt;
  }

  report(vip: string, since: number): Holding {
    const history = this.#history.get(vip) ?? [];
    let twoHoldersMs = 0;
    let noHolderMs = 0;
    for (const [index, { at, holders }] of history.entries()) {
      const from = Math.max(at, since);
      const to = history[index + 1]?.at ?? this.#lastRoundAt;
      if (to <= from) continue;
      if (holders.length > 1) twoHoldersMs += to - from;
      if (holders.length === 0) noHolderMs += to - from;
    }
    return { holders: history.at(-1)?.holders ?? [], twoHoldersMs, noHolderMs };
  }
}
