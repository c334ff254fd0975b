/** Names that must not be mixed up with one another. All are plain strings at run time. */
type Named<T extends string> = string & { readonly __brand: T };

/** Name of a host that runs an agent; unique in the cluster (RFC 1123 subdomain). */
export type NodeName = Named<'NodeName'>;
/** metadata.name of a VipPool. */
export type PoolName = Named<'PoolName'>;
/** Id of a controller replica; fixed over restarts. */
export type ControllerId = Named<'ControllerId'>;
/** A virtual IP in canonical text (RFC 5952 for IPv6), see core/ip.ts. */
export type VipAddress = Named<'VipAddress'>;
/** Random, new whenever an agent starts without its memory. */
export type Incarnation = Named<'Incarnation'>;
/** Number of an agent's current node lease inside one incarnation; grows by 1 each time a lease ended. */
export type Epoch = number & { readonly __brand: 'Epoch' };

export const nodeName = (text: string): NodeName => text as NodeName;
export const poolName = (text: string): PoolName => text as PoolName;
export const controllerId = (text: string): ControllerId => text as ControllerId;
export const vipAddress = (canonical: string): VipAddress => canonical as VipAddress;
export const incarnation = (text: string): Incarnation => text as Incarnation;
export const epoch = (value: number): Epoch => value as Epoch;
