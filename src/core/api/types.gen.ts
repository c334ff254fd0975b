// Generated from crds/ by `make generate`.
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

export interface VipPoolStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  /** Addresses of the pool. */
  readonly total?: number;
  /** Addresses bound on a node. */
  readonly assigned?: number;
  /** Nodes that may hold addresses of the pool now. */
  readonly nodes?: number;
  readonly master?: string;
  readonly bindings?: readonly {
    readonly address: string;
    readonly node?: string;
    readonly home?: string;
    readonly interface?: string;
    readonly state: 'Bound' | 'Binding' | 'Releasing' | 'Unassigned';
    readonly since: string;
    readonly term?: number;
    readonly reason: string;
  }[];
}

export interface NodeHealthStatus {
  readonly phase: 'Healthy' | 'Degraded' | 'Unreachable';
  readonly agentVersion?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly term?: number;
  readonly leaseEpoch?: number;
  readonly lastHeartbeatTime?: string;
  readonly interfaces?: readonly {
    readonly name: string;
    readonly mac?: string;
    readonly carrier: boolean;
    readonly addresses?: readonly string[];
  }[];
  readonly vips?: readonly string[];
  readonly vipCount?: number;
  readonly conditions?: readonly Condition[];
}
