interface Declared {
  readonly help: string;
  readonly labels: readonly string[];
}

/** Every counter, without the prefix `vippool_`. */
export const COUNTERS: Readonly<Record<string, Declared>> = {
  messages_refused_total: {
    help: 'Messages of peers that were malformed or unknown and had no effect.',
    labels: ['reason'],
  },
  connections_refused_total: {
    help: 'Connections that were closed before anything was said on them.',
    labels: ['reason'],
  },
  certificate_requests_total: {
    help: 'Requests of agents for certificates, by what became of them: certified, refused, busy or unavailable.',
    labels: ['answer'],
  },
  announcements_total: {
    help: 'VIPs announced by gratuitous ARP or unsolicited neighbour advertisement.',
    labels: ['family'],
  },
  conflicts_total: { help: 'Times that another host claimed a VIP that is held here.', labels: [] },
  announce_errors_total: { help: 'Announcements that the kernel did not take.', labels: ['interface', 'code'] },
  probe_errors_total: {
    help: 'Questions for the holder of a VIP that the kernel did not take.',
    labels: ['interface', 'code'],
  },
  member_datagrams_refused_total: {
    help: 'Datagrams of the multicast probe that were malformed, late or from outside of the management subnet.',
    labels: ['reason'],
  },
  member_datagrams_unsent_total: {
    help: 'Datagrams of the multicast probe that the kernel did not take.',
    labels: ['code'],
  },
  claim_listen_errors_total: {
    help: 'Times that claims of others to VIPs of an interface could not be listened to.',
    labels: ['interface', 'code'],
  },
  connections_dropped_total: {
    help: 'Connections ended because their VIP left: entries of connection tracking, and local sockets.',
    labels: ['kind'],
  },
  network_event_overflows_total: {
    help: 'Times that kernel events were lost and everything was read again.',
    labels: [],
  },
  late_wakeups_total: {
    help: 'Times that this process woke up later than a quarter of a lease.',
    labels: [],
  },
  record_differences_total: {
    help: 'VIPs that a new master found elsewhere than they were recorded.',
    labels: [],
  },
  takeovers_total: {
    help: 'VIPs that this master gave to another node, by the reason of the move.',
    labels: ['cause'],
  },
  api_requests_total: {
    help: 'Requests to the Kubernetes API server by the status of the answer; 0: there was none.',
    labels: ['code'],
  },
  events_dropped_total: {
    help: 'Events that were not told: too many about one object (rate), or too many that waited (queue).',
    labels: ['reason'],
  },
  election_transitions_total: {
    help: 'Times that this controller became or stopped being master.',
    labels: ['reason'],
  },
};

/** Every gauge, without the prefix `vippool_`. */
export const GAUGES: Readonly<Record<string, Declared>> = {
  build_info: { help: 'Always 1; the version is in the label.', labels: ['version'] },
  vip_holders: {
    help: 'Nodes with a lease that say that they hold this VIP, as the master knows: must be 1.',
    labels: ['pool', 'vip'],
  },
  bindings: { help: 'VIPs that this node holds, as the master knows.', labels: ['node'] },
  pool_addresses: {
    help: 'VIPs of this pool by their state: Bound, Binding, Releasing or Unassigned.',
    labels: ['pool', 'state'],
  },
  check_status: {
    help: '1: the check passes on this node, 0: it fails or its result is too old; checks without a verdict are not shown.',
    labels: ['check', 'node', 'pool'],
  },
  alarm: {
    help: '1 while this condition of a pool or node tells of a fault; not shown otherwise.',
    labels: ['kind', 'name', 'condition', 'reason'],
  },
  node_lease_remaining_seconds: {
    help: 'For how long this node may hold its VIPs without another acknowledged heartbeat.',
    labels: ['node'],
  },
  controller_is_master: { help: '1 while this controller is the master.', labels: [] },
  certificate_expiry_seconds: {
    help: 'When the certificate of this process or the authority behind it ends, the earlier of both, as Unix time.',
    labels: ['use'],
  },
  election_term: { help: 'Number of the term of the last election that this controller won.', labels: [] },
};

/** Upper ends of the buckets of every histogram, seconds: from what is nothing to more than the longest lease. */
export const BUCKETS_SECONDS: readonly number[] = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10,
];

/** Every histogram, without the prefix `vippool_`. */
export const HISTOGRAMS: Readonly<Record<string, Declared>> = {
  timer_lateness_seconds: { help: 'How late the timers of this process were.', labels: [] },
  failover_duration_seconds: {
    help: 'Time from the last sign of life of a lost holder, or from the decision to move, until the new holder has bound the VIP.',
    labels: ['cause'],
  },
  reconcile_duration_seconds: { help: 'Time that one round of decisions of the master took.', labels: [] },
  heartbeat_round_trip_seconds: {
    help: 'Time from a heartbeat of this agent to its acknowledgement by a controller.',
    labels: ['controller'],
  },
};
