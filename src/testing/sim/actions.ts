/** A schedule: what goes wrong when, for how long. Short enough for a command line. */
export const ACTION_KINDS = [
  'power',
  'killAgent',
  'killController',
  'freezeAgent',
  'freezeController',
  'cut',
  'lossy',
  'slow',
  'storeDown',
  'storeCut',
  'sourceDown',
  'sourceCut',
  'carrier',
  'loseAddress',
  'checkFails',
  'stopAgent',
  'stopController',
  'resign',
  'isolate',
  'switch',
  'blackHole',
  'blackout',
  'electorate',
  'configure',
  'twin',
  'addVip',
  'removeVip',
  'policy',
  'home',
  'drain',
  'weight',
  'checks',
  'members',
  'declare',
  'rules',
  'role',
  'task',
] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** As the number of a controller: whoever is master when it happens. */
export const MASTER = 15;

/** `a`, `b`, `c` mean what `faults.ts` says for the kind. */
export interface Action {
  readonly kind: ActionKind;
  /** Virtual ms. */
  readonly at: number;
  /** Until it is mended; without meaning where nothing is to be mended. */
  readonly ms: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** "cut@3200+800:1.30.3;power@5000+1500:2.0.0" */
export const encodeActions = (actions: readonly Action[]): string =>
  actions.map(({ kind, at, ms, a, b, c }) => `${kind}@${at}+${ms}:${a}.${b}.${c}`).join(';');

/** Throws a RangeError that says which part cannot be read. */
export function decodeActions(text: string): Action[] {
  if (text === '') return [];
  return text.split(';').map((part) => {
    const match = /^(\w+)@(\d+)\+(\d+):(\d+)\.(\d+)\.(\d+)$/.exec(part);
    const kind = ACTION_KINDS.find((name) => name === match?.[1]);
    if (!match || kind === undefined) throw new RangeError(`"${part}" is no action such as cut@3200+800:1.30.3`);
    const [at, ms, a, b, c] = match.slice(2).map(Number) as [number, number, number, number, number];
    return { kind, at, ms, a, b, c };
  });
}
