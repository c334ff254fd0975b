// Generated from crds/ by `make generate`.

/**
 * The network interface that carries the addresses on each node. Give one of the two fields. The agent's own configuration limits what it may touch.
 */
export interface InterfaceChoice {
  /**
   * Names of interfaces; a node uses the first one that it has.
   *
   * @minItems 1
   * @maxItems 16
   */
  readonly names?: readonly string[];
  /**
   * The interface whose own subnet contains the address; a node without one does not hold it.
   */
  readonly matchSubnet?: true;
}

/**
 * Prefix length of the addresses on the interface, in bits. The defaults add no route, so that a host leaves its subnet route alone when an address comes or goes.
 */
export interface PrefixLength {
  /**
   * Prefix length of IPv4 addresses, in bits.
   */
  readonly ipv4?: number;
  /**
   * Prefix length of IPv6 addresses, in bits.
   */
  readonly ipv6?: number;
}

/**
 * Nodes that may hold the addresses. Without it every node with an agent may.
 */
export interface NodeSelector {
  /**
   * Labels that a node must have, all of them. The empty map matches every node.
   */
  readonly matchLabels?: {
    readonly [k: string]: string;
  };
}

/**
 * Nodes, by name or by labels, and their weight.
 */
export interface NodeWeight {
  /**
   * One node, by its name.
   */
  readonly node?: string;
  /**
   * Nodes with all of these labels. The empty map matches every node.
   */
  readonly matchLabels?: {
    readonly [k: string]: string;
  };
  /**
   * Share of the addresses, in proportion to the weights of the other nodes; 0 keeps them away.
   */
  readonly weight: number;
}

/**
 * Some addresses of the pool. An address is in at most one group that stays together.
 */
export interface Group {
  /**
   * Name of the group in the pool.
   */
  readonly name: string;
  /**
   * At least two addresses of the pool.
   *
   * @minItems 2
   * @maxItems 64
   */
  readonly members: readonly string[];
  /**
   * Together: one node holds all of them, and they move as one. Apart: no node holds two of them.
   */
  readonly policy: 'Together' | 'Apart';
}

/**
 * Nodes, by name or by labels, and how much they are preferred.
 */
export interface NodePreference {
  /**
   * One node, by its name.
   */
  readonly node?: string;
  /**
   * Nodes with all of these labels. The empty map matches every node.
   */
  readonly matchLabels?: {
    readonly [k: string]: string;
  };
  /**
   * Added to the preference of every node that matches.
   */
  readonly weight: number;
}

/**
 * Limits the pool to the nodes that have a role. Addresses of such a pool have no home but a declared one.
 */
export interface Follow {
  /**
   * Any: every node of the pool. Master: the node where the controller runs that is master. Check: nodes where the named check succeeds, such as the primary of a database.
   */
  readonly kind?: 'Any' | 'Master' | 'Check';
  /**
   * Name of a check of this pool.
   */
  readonly check?: string;
}

/**
 * Keeps further addresses away from a node whose processor or memory is short, whichever is shorter. Addresses that it holds stay. Without this field the load does not matter.
 */
export interface Capacity {
  /**
   * A node that uses more than this is full.
   */
  readonly highPercent?: number;
  /**
   * It stays full until it uses less than this.
   */
  readonly lowPercent?: number;
}

/**
 * Where the addresses live. docs/placement.md says how a decision is made.
 */
export interface Placement {
  /**
   * How much a node takes in proportion to others. The first entry that matches a node decides; a node that no entry matches has weight 100. With weight 0 a node never holds an address of the pool.
   *
   * @maxItems 64
   *
   * Items: Nodes, by name or by labels, and their weight.
   */
  readonly weights?: readonly NodeWeight[];
  /**
   * Most addresses of this pool on one node. An address that fits nowhere waits (reason OverLimit).
   */
  readonly maxPerNode?: number;
  /**
   * Label of the nodes whose values are zones, for example topology.kubernetes.io/zone. Zones hold the same number of addresses, give or take one; nodes without the label are one more zone.
   */
  readonly zoneKey?: string;
  /**
   * Addresses that belong on one node, or on different ones.
   *
   * @maxItems 128
   *
   * Items: Some addresses of the pool. An address is in at most one group that stays together.
   */
  readonly groups?: readonly Group[];
  /**
   * Home node by address; addresses without an entry are balanced over the nodes. Every key is an address of the pool.
   */
  readonly homes?: {
    readonly [k: string]: string;
  };
  /**
   * Where addresses go first. A node is as preferred as the sum of the weights of all entries that match it; less preferred nodes hold an address only while no other can. Addresses are balanced among nodes of equal preference.
   *
   * @maxItems 64
   *
   * Items: Nodes, by name or by labels, and how much they are preferred.
   */
  readonly preferredNodes?: readonly NodePreference[];
  /**
   * Limits the pool to the nodes that have a role. Addresses of such a pool have no home but a declared one.
   */
  readonly follow?: Follow;
  /**
   * Keeps further addresses away from a node whose processor or memory is short, whichever is shorter. Addresses that it holds stay. Without this field the load does not matter.
   */
  readonly capacity?: Capacity;
}

/**
 * What happens when the home node of an address is healthy again.
 */
export interface Failback {
  /**
   * Automatic: the address returns after the delay. Manual: it returns when an operator asks for it. Never: the node that took it over becomes its home.
   */
  readonly policy?: 'Automatic' | 'Manual' | 'Never';
  /**
   * How long the home node must have been healthy without a break before an address returns to it: 0s to 24h.
   */
  readonly delay?: string;
}

/**
 * How a new holder tells the network that an address moved: gratuitous ARP requests and replies for IPv4, unsolicited neighbour advertisements for IPv6.
 */
export interface Announce {
  /**
   * Announcements after an address was taken over, the first one at once.
   */
  readonly count?: number;
  /**
   * Time between two announcements: 10ms to 1m. Some switches ignore more than one a second.
   */
  readonly interval?: string;
  /**
   * Time between announcements for as long as an address is held: 1s to 24h, or 0s for none.
   */
  readonly refresh?: string;
}

/**
 * What the author of the pool wants.
 */
export interface VipPoolSpec {
  /**
   * The virtual addresses: single addresses, CIDR blocks (every address of the block, the first and the last too) and ranges, IPv4, IPv6 or both. Entries do not overlap. A pool has at most 2048 addresses after exclusion; an address that an older pool has too belongs to the older one.
   *
   * @minItems 1
   * @maxItems 64
   */
  readonly addresses: readonly string[];
  /**
   * Addresses that are left out, in the notation of `addresses`. Blocks and ranges may reach beyond the pool.
   *
   * @maxItems 64
   */
  readonly exclude?: readonly string[];
  /**
   * The network interface that carries the addresses on each node. Give one of the two fields. The agent's own configuration limits what it may touch.
   */
  readonly interface?: InterfaceChoice;
  /**
   * Prefix length of the addresses on the interface, in bits. The defaults add no route, so that a host leaves its subnet route alone when an address comes or goes.
   */
  readonly prefixLength?: PrefixLength;
  /**
   * Nodes that may hold the addresses. Without it every node with an agent may.
   */
  readonly nodeSelector?: NodeSelector;
  /**
   * Where the addresses live. docs/placement.md says how a decision is made.
   */
  readonly placement?: Placement;
  /**
   * What happens when the home node of an address is healthy again.
   */
  readonly failback?: Failback;
  /**
   * What nodes do with addresses of this pool while they reach no majority of the controllers. Release: they let go within the lease, so that two holders are impossible. Hold: they keep what they hold for as long as more than half of the nodes of the pool, themselves included, confirm it; a cluster that lost all its controllers keeps serving, and a node that is cut off alone lets go.
   */
  readonly onQuorumLoss?: 'Hold' | 'Release';
  /**
   * How a new holder tells the network that an address moved: gratuitous ARP requests and replies for IPv4, unsolicited neighbour advertisements for IPv6.
   */
  readonly announce?: Announce;
}

/**
 * One aspect of the state of an object (metav1.Condition).
 */
export interface Condition {
  /**
   * Name of the aspect, in CamelCase.
   */
  readonly type: string;
  /**
   * Whether the aspect applies.
   */
  readonly status: 'True' | 'False' | 'Unknown';
  /**
   * Code of the cause, in CamelCase; the same in logs, Events and metrics.
   */
  readonly reason: string;
  /**
   * What a person should know about it; may be empty.
   */
  readonly message: string;
  /**
   * When `status` changed last (RFC 3339).
   */
  readonly lastTransitionTime: string;
  /**
   * metadata.generation of the manifest that the condition is about.
   */
  readonly observedGeneration?: number;
}

/**
 * Where one address is.
 */
export interface Binding {
  /**
   * The address, in canonical text.
   */
  readonly address: string;
  /**
   * Node that holds it, takes it over or gives it up.
   */
  readonly node?: string;
  /**
   * Node where it lives while all nodes are healthy.
   */
  readonly home?: string;
  /**
   * Interface of the node that carries it.
   */
  readonly interface?: string;
  /**
   * Bound: the node has confirmed it. Binding: the node was told to take it. Releasing: the node was told to give it up. Unassigned: no node may hold it.
   */
  readonly state: 'Bound' | 'Binding' | 'Releasing' | 'Unassigned';
  /**
   * When `node` or `state` changed last (RFC 3339).
   */
  readonly since: string;
  /**
   * Term of the master that placed it.
   */
  readonly term?: number;
  /**
   * Code of the cause of the last change.
   */
  readonly reason: string;
}

/**
 * What the controller that is master saw and did. Nobody else writes it.
 */
export interface VipPoolStatus {
  /**
   * metadata.generation of the manifest that this status is about.
   */
  readonly observedGeneration?: number;
  /**
   * State of the pool in the usual form; `Ready` is always there.
   *
   * Items: One aspect of the state of an object (metav1.Condition).
   */
  readonly conditions?: readonly Condition[];
  /**
   * Addresses of the pool.
   */
  readonly total?: number;
  /**
   * Addresses bound on a node.
   */
  readonly assigned?: number;
  /**
   * Nodes that may hold addresses of the pool now.
   */
  readonly nodes?: number;
  /**
   * Id of the controller that wrote this status.
   */
  readonly master?: string;
  /**
   * Where each address is, in numeric order, IPv4 first.
   *
   * Items: Where one address is.
   */
  readonly bindings?: readonly Binding[];
}

/**
 * State of one network interface.
 */
export interface NodeInterface {
  /**
   * Name of the interface.
   */
  readonly name: string;
  /**
   * MAC address ("02:42:ac:11:00:02").
   */
  readonly mac?: string;
  /**
   * Whether the link is up.
   */
  readonly carrier: boolean;
  /**
   * Own addresses of the host with prefix length ("192.0.2.7/24"), without virtual ones.
   */
  readonly addresses?: readonly string[];
}

/**
 * What the master knows about the node. Written on change, and at most once in 10 s otherwise.
 */
export interface NodeHealthStatus {
  /**
   * Healthy: may hold addresses. Degraded: its agent answers, but it cannot hold every address that it should. Unreachable: its agent does not answer.
   */
  readonly phase: 'Healthy' | 'Degraded' | 'Unreachable';
  /**
   * Version of the agent.
   */
  readonly agentVersion?: string;
  /**
   * Labels of the node as the agent was told, what nodeSelector of a pool matches.
   */
  readonly labels?: {
    readonly [k: string]: string;
  };
  /**
   * Highest term of a master that the agent knows.
   */
  readonly term?: number;
  /**
   * Number of the node's current lease; grows by 1 each time a lease has ended.
   */
  readonly leaseEpoch?: number;
  /**
   * When the last heartbeat of the agent arrived (RFC 3339).
   */
  readonly lastHeartbeatTime?: string;
  /**
   * The interfaces that the agent may use.
   *
   * Items: State of one network interface.
   */
  readonly interfaces?: readonly NodeInterface[];
  /**
   * Virtual addresses that the node holds, in numeric order, IPv4 first.
   */
  readonly vips?: readonly string[];
  /**
   * Number of entries of `vips`.
   */
  readonly vipCount?: number;
  /**
   * State of the node in the usual form; `Ready` is always there.
   *
   * Items: One aspect of the state of an object (metav1.Condition).
   */
  readonly conditions?: readonly Condition[];
}
