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
 * http: the status codes that count as good. Default 200 to 399; redirects are not followed.
 */
export interface StatusRange {
  /**
   * First good status code.
   */
  readonly first: number;
  /**
   * Last good status code.
   */
  readonly last: number;
}

/**
 * One check. Which fields it has depends on its type.
 */
export interface HealthCheck {
  /**
   * Name of the check, unique in its pool.
   */
  readonly name: string;
  /**
   * What is looked at.
   */
  type:
    | 'tcp'
    | 'http'
    | 'exec'
    | 'scripts'
    | 'process'
    | 'interface'
    | 'gateway'
    | 'mount'
    | 'device'
    | 'nfs'
    | 'smb'
    | 'postgres';
  /**
   * Time from the start of one run to the start of the next: 100ms to 1h.
   */
  readonly interval?: string;
  /**
   * A run that takes longer has failed: 10ms to 1h, at most the interval. Default 1s, or the interval where that is shorter.
   */
  readonly timeout?: string;
  /**
   * So many failed runs in a row, and the check has failed.
   */
  readonly fall?: number;
  /**
   * So many good runs in a row, and it passes again.
   */
  readonly rise?: number;
  /**
   * Fail: while the check fails, the node holds no address of the pool. Degrade: the node is less preferred.
   */
  readonly severity?: 'Fail' | 'Degrade';
  /**
   * What a failed check of severity Degrade takes off the weight of the node, in percent.
   */
  readonly penalty?: number;
  /**
   * When the check is run. Holder: while the node holds addresses of the pool. Standby: while it holds none. Any: always.
   */
  readonly role?: 'Any' | 'Holder' | 'Standby';
  /**
   * tcp, nfs, smb, postgres: name or address to connect to. Default 127.0.0.1.
   */
  readonly host?: string;
  /**
   * tcp, nfs, smb, postgres: port to connect to. Default 2049 for nfs, 445 for smb, 5432 for postgres; tcp needs it.
   */
  readonly port?: number;
  /**
   * http: what is asked for with GET, by http or https.
   */
  readonly url?: string;
  /**
   * http: the status codes that count as good. Default 200 to 399; redirects are not followed.
   */
  readonly statuses?: StatusRange;
  /**
   * http: a text that the first 64 KiB of the body must contain.
   */
  readonly contains?: string;
  /**
   * http: whether the certificate is verified. Default true.
   */
  readonly verifyTls?: boolean;
  /**
   * exec: absolute path of a program in one of the check directories of the agent, then its arguments. No shell reads it.
   *
   * @minItems 1
   * @maxItems 16
   */
  readonly command?: readonly string[];
  /**
   * scripts: directory whose executable files are run in order of name, each with the argument "monitor".
   */
  readonly directory?: string;
  /**
   * process: name of a process as in /proc/PID/comm.
   */
  readonly process?: string;
  /**
   * process: file with the id of the process, in place of its name.
   */
  readonly pidFile?: string;
  /**
   * interface, gateway: the interface to look at. Default: the one that carries the addresses of the pool.
   */
  readonly interface?: string;
  /**
   * gateway: address of the gateway. Default: the default gateway of the interface, else of the host.
   */
  readonly address?: string;
  /**
   * mount: where something is mounted. device: the block device, or a link to it.
   */
  readonly path?: string;
  /**
   * mount: type of the file system as in /proc/mounts. Default: any.
   */
  readonly fsType?: string;
  /**
   * mount: whether a file is written, read back and removed. Default false.
   */
  readonly writable?: boolean;
  /**
   * nfs: versions of the protocol that must answer. Default [4].
   *
   * @minItems 1
   * @maxItems 2
   */
  readonly versions?: readonly (3 | 4)[];
  /**
   * postgres: role that the server must have. Default Any.
   */
  readonly databaseRole?: 'Any' | 'Primary' | 'Standby';
  /**
   * postgres: who connects. Default postgres.
   */
  readonly user?: string;
  /**
   * postgres: database to connect to. Default postgres.
   */
  readonly database?: string;
  /**
   * postgres: mounted file with the password. Default: none is needed.
   */
  readonly passwordFile?: string;
}

/**
 * A program that may mend what a check found, run on the node before the addresses leave it.
 */
export interface Repair {
  /**
   * The program, as in a check of type exec.
   *
   * @minItems 1
   * @maxItems 16
   */
  readonly command: readonly string[];
  /**
   * Runs within the window of damping before the addresses leave, whether they help or not.
   */
  readonly attempts?: number;
  /**
   * A run that takes longer is ended: 100ms to 10m.
   */
  readonly deadline?: string;
}

/**
 * Hold-off of a node whose checks flap: the second time within the window that it becomes unhealthy, it must then be well for `base` before it counts as healthy; each further time doubles that, up to `max`. The same for one whose carrier, service network or lease flaps: nothing returns to it before.
 */
export interface Damping {
  /**
   * The first hold-off: 0s to 1h; 0s switches damping off.
   */
  readonly base?: string;
  /**
   * The longest hold-off: 1s to 24h, at least base.
   */
  readonly max?: string;
  /**
   * So long after a node began to count as healthy again, its past is forgotten: 1s to 24h.
   */
  readonly window?: string;
}

/**
 * What the agents look at, so that the addresses follow the service and not only the host. Without it a node is healthy for as long as its agent answers and its interface has a carrier. See docs/health-checks.md.
 */
export interface Health {
  /**
   * The checks, each run on every node of the pool, by itself and at its own interval.
   *
   * @maxItems 32
   *
   * Items: One check. Which fields it has depends on its type.
   */
  readonly checks?: readonly HealthCheck[];
  /**
   * A program that may mend what a check found, run on the node before the addresses leave it.
   */
  readonly repair?: Repair;
  /**
   * What happens while every node of the pool is unhealthy. Keep: the addresses stay with the least bad nodes. Release: nobody holds them.
   */
  readonly whenAllUnhealthy?: 'Keep' | 'Release';
  /**
   * Hold-off of a node whose checks flap: the second time within the window that it becomes unhealthy, it must then be well for `base` before it counts as healthy; each further time doubles that, up to `max`. The same for one whose carrier, service network or lease flaps: nothing returns to it before.
   */
  readonly damping?: Damping;
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
  /**
   * What the agents look at, so that the addresses follow the service and not only the host. Without it a node is healthy for as long as its agent answers and its interface has a carrier. See docs/health-checks.md.
   */
  readonly health?: Health;
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
   * Home that it had before it was moved by a VipTask, empty where it had none; a failback gives it back. Absent: no task moved it.
   */
  readonly usualHome?: string;
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
  /**
   * What is behind the cause, such as the check that failed and what it said.
   */
  readonly message?: string;
}

/**
 * One address went from one node to another.
 */
export interface Move {
  /**
   * When the new holder had confirmed it (RFC 3339).
   */
  readonly time: string;
  /**
   * The address, in canonical text.
   */
  readonly address: string;
  /**
   * Node that held it before; absent where nobody did.
   */
  readonly from?: string;
  /**
   * Node that holds it now; absent where nobody does.
   */
  readonly to?: string;
  /**
   * Code of the cause, in CamelCase.
   */
  readonly reason: string;
  /**
   * Milliseconds from the cause until the controller knew of it.
   */
  readonly detectMs?: number;
  /**
   * Milliseconds from there until it told the new holder.
   */
  readonly decideMs?: number;
  /**
   * Milliseconds from there until the new holder had confirmed it.
   */
  readonly bindMs?: number;
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
  /**
   * The last moves of addresses, the newest first.
   *
   * @maxItems 64
   *
   * Items: One address went from one node to another.
   */
  readonly history?: readonly Move[];
}

/**
 * What differs from the pool; a field that is left out stays as the pool declares it.
 */
export interface CheckOverride {
  /**
   * Pool that declares the check. Default: every pool with a check of that name.
   */
  readonly pool?: string;
  /**
   * Name of the check.
   */
  readonly name: string;
  /**
   * True: the check is not run on this node, and counts as passing.
   */
  readonly disabled?: boolean;
  /**
   * Time from the start of one run to the start of the next: 100ms to 1h.
   */
  readonly interval?: string;
  /**
   * A run that takes longer has failed: 10ms to 1h. Above the interval in force, it counts as the interval.
   */
  readonly timeout?: string;
  /**
   * So many failed runs in a row, and the check has failed.
   */
  readonly fall?: number;
  /**
   * So many good runs in a row, and it passes again.
   */
  readonly rise?: number;
}

/**
 * What an administrator wants of the node. It takes effect at once, without a restart. The object may be made before the node has an agent; the controller writes its status and never touches this part.
 */
export interface NodeHealthSpec {
  /**
   * True: the addresses of the node move to other nodes, and none comes back before this is false again.
   */
  readonly maintenance?: boolean;
  /**
   * Share of the addresses of every pool that the node takes, in proportion to the weights of the other nodes; 0 keeps them away. It goes before the weights that pools declare. Default: as they say.
   */
  readonly weight?: number;
  /**
   * How much the agent of the node logs. Default: as the agent was started.
   */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /**
   * Checks of pools that are run differently on this node.
   *
   * @maxItems 64
   *
   * Items: What differs from the pool; a field that is left out stays as the pool declares it.
   */
  readonly checks?: readonly CheckOverride[];
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
   * True: nobody on its network answers the node any more, though somebody did. Absent: somebody does, or nobody ever did.
   */
  readonly silent?: boolean;
  /**
   * Own addresses of the host with prefix length ("192.0.2.7/24"), without virtual ones.
   */
  readonly addresses?: readonly string[];
}

/**
 * What one check of one pool found on the node.
 */
export interface CheckResult {
  /**
   * Pool that declares the check.
   */
  readonly pool: string;
  /**
   * Name of the check.
   */
  readonly name: string;
  /**
   * Passing: well. Failing: `fall` runs in a row have failed. Pending: it has not been run often enough to tell. Unknown: the last result is too old to count.
   */
  readonly state: 'Passing' | 'Failing' | 'Pending' | 'Unknown';
  /**
   * Last line of output of the last run, or what was wrong.
   */
  readonly output?: string;
  /**
   * How long the last run took ("12ms").
   */
  readonly duration?: string;
  /**
   * When `state` changed last (RFC 3339).
   */
  readonly since?: string;
}

/**
 * One pool that avoids the node for a while.
 */
export interface HoldOff {
  /**
   * Name of the pool.
   */
  readonly pool: string;
  /**
   * When that ends if the node stays well (RFC 3339).
   */
  readonly until: string;
  /**
   * `HeldOff`: its checks flapped, and it is given nothing of the pool. `Flapping`: its interfaces, the service network or its lease did, and nothing moves to it that is well elsewhere. `NodeDegraded`: a check of severity Degrade did, and the node is less preferred.
   */
  readonly reason?: 'HeldOff' | 'Flapping' | 'NodeDegraded';
  /**
   * With `NodeDegraded`: what is taken off the weight of the node, in percent.
   */
  readonly penalty?: number;
}

/**
 * One network, as the controller that is master and the other nodes see it.
 */
export interface NetworkHealth {
  /**
   * Whether the node answers on it.
   */
  readonly reachable: boolean;
  /**
   * Round-trip time of the last answer ("0.4ms").
   */
  readonly rtt?: string;
}

/**
 * How the node is reached over the two networks.
 */
export interface NodeNetworks {
  /**
   * One network, as the controller that is master and the other nodes see it.
   */
  readonly management?: NetworkHealth;
  /**
   * One network, as the controller that is master and the other nodes see it.
   */
  readonly service?: NetworkHealth;
}

/**
 * How much of the host is used; what `placement.capacity` of pools is compared with.
 */
export interface HostLoad {
  /**
   * Of all processors, averaged over about 15 s, to within two percent.
   */
  readonly processorPercent: number;
  /**
   * Memory that could not be given to somebody who asks for it.
   */
  readonly memoryPercent: number;
}

/**
 * What the master knows about the node. Written on change, and at most once in 10 s otherwise.
 */
export interface NodeHealthStatus {
  /**
   * metadata.generation of the spec that this status is about.
   */
  readonly observedGeneration?: number;
  /**
   * Healthy: may hold addresses. Degraded: may hold addresses, but something is wrong, or it cannot hold every address that it should. Unhealthy: checks that failed keep the addresses of a pool away from it. Unreachable: its agent does not answer. Maintenance: it was drained by `spec.maintenance`.
   */
  readonly phase: 'Healthy' | 'Degraded' | 'Unhealthy' | 'Unreachable' | 'Maintenance';
  /**
   * Master: the controller that is master runs on this node. Member: it does not.
   */
  readonly role?: 'Master' | 'Member';
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
   * When the current lease was taken up (RFC 3339).
   */
  readonly leaseSince?: string;
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
   * Results of the checks, in order of pool and name. With more than 512 of them, those that do not pass come before the others, and the rest is left out.
   *
   * @maxItems 512
   *
   * Items: What one check of one pool found on the node.
   */
  readonly checks?: readonly CheckResult[];
  /**
   * Pools that hold the node off because its checks, its interfaces, the service network or its lease flapped; in order of name.
   *
   * @maxItems 64
   *
   * Items: One pool that avoids the node for a while.
   */
  readonly heldOff?: readonly HoldOff[];
  /**
   * How the node is reached over the two networks.
   */
  readonly networks?: NodeNetworks;
  /**
   * How much of the host is used; what `placement.capacity` of pools is compared with.
   */
  readonly load?: HostLoad;
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

/**
 * What is to be done. It cannot be changed.
 */
export interface VipTaskSpec {
  /**
   * Move: the node becomes the home of the address, which goes there now and stays until a Failback of it, or until `spec.placement.homes` of its pool names another node for it; the other addresses of a group that stays together go with it. Failback: addresses that are not at home go there now, whatever the policy of their pool says, and those that were moved get back the home they had.
   */
  readonly action: 'Move' | 'Failback';
  /**
   * Move: the address. Failback: the only address that goes home.
   */
  readonly address?: string;
  /**
   * Failback: only addresses of this pool go home.
   */
  readonly pool?: string;
  /**
   * Move: the node that shall hold the address.
   */
  readonly node?: string;
  /**
   * True: the status tells what would happen, and nothing does.
   */
  readonly dryRun?: boolean;
  /**
   * How long the object stays after it is finished: 0s to 720h.
   */
  readonly ttlAfterFinished?: string;
}

/**
 * What it means for one address.
 */
export interface TaskResult {
  /**
   * The address, in canonical text.
   */
  readonly address: string;
  /**
   * Node that held it when the task began; absent where nobody did.
   */
  readonly from?: string;
  /**
   * Node where it goes; absent where it stays.
   */
  readonly to?: string;
  /**
   * Code of why it goes, or of what keeps it from going, in CamelCase.
   */
  readonly reason: string;
}

/**
 * What has become of it. Once it is finished this does not change any more.
 */
export interface VipTaskStatus {
  /**
   * Pending: no master has begun it. Running: addresses are on their way; another master goes on with it. Succeeded: done. Failed: not done, or not all of it; `message` says why. Expired: no master had begun it within five minutes, so nobody does it any more.
   */
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Expired';
  /**
   * What was done, or why it was not and what to do about it.
   */
  readonly message?: string;
  /**
   * When a master began it (RFC 3339).
   */
  readonly startedAt?: string;
  /**
   * When it was finished (RFC 3339).
   */
  readonly finishedAt?: string;
  /**
   * The addresses that it is about, in the order of their pools; at most 512 are listed.
   *
   * @maxItems 512
   *
   * Items: What it means for one address.
   */
  readonly results?: readonly TaskResult[];
}
