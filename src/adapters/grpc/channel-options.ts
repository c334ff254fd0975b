import type { ChannelOptions } from '@grpc/grpc-js';

/** Longest message; 20,000 VIPs to probe fit with the longest names of pools. A longer one is refused like a malformed one. */
export const MAX_MESSAGE_BYTES = 16 << 20;

/** HTTP/2 keepalive frees dead sockets; whether a peer is alive is decided by heartbeats alone. */
const COMMON: ChannelOptions = {
  'grpc.keepalive_time_ms': 2_000,
  'grpc.keepalive_timeout_ms': 1_000,
  // Here the library ends the whole stream, so it must be beyond what the codec refuses.
  'grpc.max_receive_message_length': 2 * MAX_MESSAGE_BYTES,
};

export const SERVER_OPTIONS: ChannelOptions = {
  ...COMMON,
  'grpc.max_concurrent_streams': 8,
  // All of our clients open a stream as soon as they are connected, and hang up when it has ended.
  'grpc.max_connection_idle_ms': 5_000,
};

/** Reconnecting within half a second lets an agent find a restarted controller inside a lease. */
export const CLIENT_OPTIONS: ChannelOptions = {
  ...COMMON,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 500,
  'grpc.dns_min_time_between_resolutions_ms': 1_000,
  'grpc.enable_retries': 0,
  // The way to a controller is the management network, whatever proxy the environment names.
  'grpc.enable_http_proxy': 0,
};

/** For anybody: a token and a certificate request are two kilobytes, and nobody has anything else to say. */
export const IDENTITY_SERVER_OPTIONS: ChannelOptions = {
  ...SERVER_OPTIONS,
  'grpc.max_receive_message_length': 16 << 10,
  'grpc.max_concurrent_streams': 1,
  'grpc.max_connection_age_ms': 10_000,
  'grpc.max_connection_age_grace_ms': 1_000,
};
