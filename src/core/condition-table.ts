/** Every condition of every kind of object: which status is good news, and the reasons that it may give with each. */
import type { Condition } from './api/types.gen.ts';
import { ADVISED_REASONS } from './placement/advice.ts';
import { Reason } from './reasons.ts';

type Status = Condition['status'];

type Declared = Readonly<Record<Status, readonly Reason[]>> & {
  /** Each other status tells of a fault, or that something is not known. */
  readonly good: 'True' | 'False';
  /** It says once more what this one says, for tools that know no other: people are told once. */
  readonly repeats?: string;
};

export const CONDITIONS = {
  VipPool: {
    Ready: {
      good: 'True',
      True: [Reason.AllBound],
      False: [Reason.Progressing, Reason.InvalidSpec, Reason.PoolConflict, Reason.Terminating, ...ADVISED_REASONS],
      Unknown: [],
    },
    /** Missing where nothing is under way. */
    Reconciling: {
      good: 'False',
      repeats: 'Ready',
      True: [Reason.Progressing, Reason.Terminating],
      False: [],
      Unknown: [],
    },
    /** Missing where the manifest is in force as it is. */
    Stalled: {
      good: 'False',
      repeats: 'Ready',
      True: [Reason.InvalidSpec, Reason.PoolConflict],
      False: [],
      Unknown: [],
    },
    Degraded: {
      good: 'False',
      True: [
        Reason.AllNodesFailSameCheck,
        Reason.AllUnhealthy,
        Reason.SomeUnhealthy,
        Reason.NodeDegraded,
        Reason.InterfaceMissing,
        Reason.HomeUnusable,
        Reason.Maintenance,
        Reason.ZeroWeight,
      ],
      False: [Reason.NodesHealthy],
      Unknown: [],
    },
    AddressConflict: {
      good: 'False',
      True: [Reason.AddressConflict],
      False: [Reason.NoConflict],
      Unknown: [],
    },
    QuorumLost: {
      good: 'False',
      True: [Reason.HeldWithoutLease],
      False: [Reason.EveryHolderHasALease],
      Unknown: [],
    },
    ControllersVote: {
      good: 'True',
      True: [Reason.Majority],
      False: [Reason.LockOnly],
      Unknown: [],
    },
    MembersUnreachable: {
      good: 'False',
      True: [Reason.MembersSilent],
      False: [Reason.MembersAnswer],
      Unknown: [],
    },
    ServiceNetworkFaulty: {
      good: 'False',
      True: [Reason.ServiceDown, Reason.ServiceUnreachable],
      False: [Reason.ServiceReachable],
      Unknown: [],
    },
  },
  NodeHealth: {
    Ready: {
      good: 'True',
      True: [Reason.LeaseHeld, Reason.Flapping],
      False: [
        Reason.NodeLost,
        Reason.NodeLeft,
        Reason.LeaseNotHeld,
        Reason.Maintenance,
        Reason.CarrierLost,
        Reason.ServiceUnreachable,
      ],
      Unknown: [],
    },
    ChecksPass: {
      good: 'True',
      True: [Reason.NodesHealthy],
      False: [Reason.CheckFailed, Reason.CheckUnknown, Reason.HeldOff, Reason.NodeDegraded],
      Unknown: [Reason.CheckPending, Reason.NodeLost],
    },
    SpecValid: {
      good: 'True',
      True: [Reason.SpecInForce],
      False: [Reason.InvalidSpec],
      Unknown: [],
    },
    /** Missing where the spec is in force. */
    Stalled: {
      good: 'False',
      repeats: 'SpecValid',
      True: [Reason.InvalidSpec],
      False: [],
      Unknown: [],
    },
    Fenced: {
      good: 'True',
      True: [Reason.KernelFence],
      False: [Reason.LifetimesOnly],
      Unknown: [Reason.NodeLost],
    },
    /** Missing where nobody asked for it. */
    RealTime: {
      good: 'True',
      True: [Reason.RealTimeScheduling],
      False: [Reason.NormalScheduling],
      Unknown: [],
    },
    ManagementNetworkFaulty: {
      good: 'False',
      True: [Reason.HolderAnswers, Reason.MulticastUnanswered],
      False: [Reason.NoContradiction],
      Unknown: [Reason.AgentGone],
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Declared>>>>;

type Table = typeof CONDITIONS;
type ReasonIn<Row, S extends Status> = Row extends Readonly<Record<S, readonly (infer R)[]>> ? R : never;

/** What may be said of an object of this kind, and nothing else. */
export type VerdictOf<Kind extends keyof Table> = {
  [Type in keyof Table[Kind]]: {
    [S in Status]: {
      readonly type: Type;
      readonly status: S;
      readonly reason: ReasonIn<Table[Kind][Type], S>;
      /** For people: what is so, and what to do about it. */
      readonly message: string;
    };
  }[Status];
}[keyof Table[Kind]];

export type PoolVerdict = VerdictOf<'VipPool'>;
export type NodeVerdict = VerdictOf<'NodeHealth'>;
export type Verdict = PoolVerdict | NodeVerdict;

export interface DeclaredCondition {
  readonly kind: string;
  readonly type: string;
  readonly status: Status;
  readonly reason: Reason;
}

/** One entry for each reason of each status of each condition. */
export const DECLARED_CONDITIONS: readonly DeclaredCondition[] = Object.entries(CONDITIONS).flatMap(([kind, types]) =>
  Object.entries(types).flatMap(([type, reasons]) =>
    (['True', 'False', 'Unknown'] as const).flatMap((status) => {
      const listed: readonly Reason[] = reasons[status];
      return listed.map((reason) => ({ kind, type, status, reason }));
    }),
  ),
);

const DECLARED: ReadonlyMap<string, Declared> = new Map<string, Declared>(
  Object.values(CONDITIONS).flatMap(Object.entries),
);

/** Whether it is not as it should be, or nobody knows. A condition that is none of ours says nothing. */
export function isBad({ type, status }: Pick<Condition, 'type' | 'status'>): boolean {
  const good = DECLARED.get(type)?.good;
  return good !== undefined && status !== good;
}

/** Whether another condition says the same. */
export const isRepetition = ({ type }: Pick<Condition, 'type'>): boolean => DECLARED.get(type)?.repeats !== undefined;
