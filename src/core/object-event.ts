/** What people are told of a pool or a node while it happens: moves of VIPs, and conditions that change. */
import type { Condition, VipPoolStatus } from './api/types.gen.ts';
import { type CONDITIONS, isBad, isRepetition } from './condition-table.ts';
import { Reason } from './reasons.ts';

/** What an event is about. */
export interface EventSubject {
  readonly kind: keyof typeof CONDITIONS;
  readonly name: string;
}

/** In the words of Kubernetes Events. */
export interface ObjectEvent {
  readonly about: EventSubject;
  /** Warning: somebody may have to do something. */
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** "Move", or the type of the condition. */
  readonly action: string;
  /** For people. */
  readonly note: string;
}

/** What a condition says. */
type Said = Pick<Condition, 'type' | 'status' | 'reason'>;

/** Type of a condition -> what was told of it last. */
export type ToldConditions = ReadonlyMap<string, string>;

type Move = NonNullable<VipPoolStatus['history']>[number];

/** Moves that are named in one event; the number tells of the rest. */
const NAMED = 8;
/** Why `Ready` is false where somebody wants it so. */
const WANTED: ReadonlySet<string> = new Set([Reason.Maintenance, Reason.Terminating]);
/** Moves that nobody asked for. */
const FAULTS: ReadonlySet<string> = new Set([
  Reason.NodeLost,
  Reason.InterfaceDown,
  Reason.ServiceUnreachable,
  Reason.BindRefused,
  Reason.CheckFailed,
  Reason.CheckUnknown,
  Reason.NodeDegraded,
  Reason.NoEligibleNode,
]);

/** One event for each reason, about the pool first, and then about each node that lost or was given something. */
export function moveEvents(pool: string, moves: readonly Move[]): ObjectEvent[] {
  const nodes = new Set(moves.flatMap(({ from, to }) => [from, to]).filter((node) => node !== undefined));
  const ofNodes = [...nodes].flatMap((node) => {
    const touching = moves.filter(({ from, to }) => from === node || to === node);
    return eventsAbout({ kind: 'NodeHealth', name: node }, touching, `pool ${pool}: `);
  });
  return [...eventsAbout({ kind: 'VipPool', name: pool }, moves), ...ofNodes];
}

function eventsAbout(about: EventSubject, moves: readonly Move[], context = ''): ObjectEvent[] {
  return [...new Set(moves.map(({ reason }) => reason))].map((reason) => {
    const same = moves.filter((move) => move.reason === reason);
    const named = same.slice(0, NAMED).map(moveText).join(', ');
    const rest = same.length - NAMED;
    const isFault = FAULTS.has(reason) || same.some(({ to }) => to === undefined);
    return {
      about,
      type: isFault ? 'Warning' : 'Normal',
      reason,
      action: 'Move',
      note: `${context}${named}${rest > 0 ? ` and ${rest} more` : ''}`,
    };
  });
}

const moveText = ({ address, from, to }: Move): string =>
  `${address}${from === undefined ? '' : ` from ${from}`} ${to === undefined ? 'to no node' : `to ${to}`}`;

/** What was told of them, if whoever wrote them told it. */
export const toldOf = (conditions: readonly Condition[] = []): ToldConditions =>
  new Map(conditions.filter(isTold).map((item) => [item.type, keyOf(item)]));

/**
 * What is news: another status or another reason. VIPs on their way and what nobody knows yet are none, nor is that
 * all is well with what was never ill, except that an object became ready.
 */
export function conditionEvents(
  about: EventSubject,
  conditions: readonly Condition[],
  told: ToldConditions,
): { readonly events: readonly ObjectEvent[]; readonly told: ToldConditions } {
  const news = conditions.filter((item) => isTold(item) && told.get(item.type) !== keyOf(item));
  if (news.length === 0) return { events: [], told };
  const events = news
    .filter((item) => told.has(item.type) || item.type === 'Ready' || isBad(item))
    .map((item) => conditionEvent(about, item));
  return { events, told: new Map([...told, ...toldOf(news)]) };
}

function conditionEvent(about: EventSubject, condition: Condition): ObjectEvent {
  const { type: action, status, reason, message } = condition;
  const type = isBad(condition) && !WANTED.has(reason) ? 'Warning' : 'Normal';
  return { about, type, reason, action, note: `${action}=${status}: ${message}` };
}

/** Somebody may have to do something about it. */
export const isAlarm = (said: Said): boolean => isTold(said) && isBad(said);

const isTold = ({ type, status, reason }: Said): boolean =>
  status !== 'Unknown' && reason !== Reason.Progressing && !isRepetition({ type });

const keyOf = ({ status, reason }: Condition): string => `${status} ${reason}`;
