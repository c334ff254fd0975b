import { stringify } from 'yaml';
import { SERVICE_NIC } from './host.ts';

export interface PoolOptions {
  readonly homes?: Readonly<Record<string, string>>;
  /** Default 2s: tests wait for failback. */
  readonly failbackDelay?: string;
  /** Label of the hosts that may hold the VIPs. Default "nas". */
  readonly role?: string;
  readonly onQuorumLoss?: 'Hold' | 'Release';
}

/** A VipPool on the service NICs of a lab. */
export const poolManifest = (name: string, addresses: readonly string[], options: PoolOptions = {}): string =>
  stringify({
    apiVersion: 'vippool.io/v1alpha1',
    kind: 'VipPool',
    metadata: { name },
    spec: {
      addresses,
      interface: { names: [SERVICE_NIC] },
      nodeSelector: { matchLabels: { role: options.role ?? 'nas' } },
      placement: { homes: options.homes ?? {} },
      failback: { policy: 'Automatic', delay: options.failbackDelay ?? '2s' },
      ...(options.onQuorumLoss && { onQuorumLoss: options.onQuorumLoss }),
    },
  });
