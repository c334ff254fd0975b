import { stringify } from 'yaml';
import type { NodeHealthSpec, VipPoolSpec } from '../../src/core/api/types.gen.ts';
import { SERVICE_NIC } from './host.ts';

export type HealthSpec = NonNullable<VipPoolSpec['health']>;

export interface PoolOptions {
  readonly homes?: Readonly<Record<string, string>>;
  /** Default 2s: tests wait for failback. */
  readonly failbackDelay?: string;
  /** Default Automatic. */
  readonly failbackPolicy?: 'Automatic' | 'Manual' | 'Never';
  /** Label of the hosts that may hold the VIPs. Default "nas". */
  readonly role?: string;
  readonly onQuorumLoss?: 'Hold' | 'Release';
  /** `spec.placement`, but for homes. */
  readonly placement?: Omit<NonNullable<VipPoolSpec['placement']>, 'homes'>;
  /** `spec.health`. Default without damping: hosts fail again and again here, and shall come back as after the first time. */
  readonly health?: HealthSpec;
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
      placement: { ...options.placement, homes: options.homes ?? {} },
      failback: { policy: options.failbackPolicy ?? 'Automatic', delay: options.failbackDelay ?? '2s' },
      health: options.health ?? { damping: { base: '0s' } },
      ...(options.onQuorumLoss && { onQuorumLoss: options.onQuorumLoss }),
    },
  });

/** A NodeHealth, of which only the spec is written by people. */
export const nodeManifest = (name: string, spec: NodeHealthSpec): string =>
  stringify({ apiVersion: 'vippool.io/v1alpha1', kind: 'NodeHealth', metadata: { name }, spec });
