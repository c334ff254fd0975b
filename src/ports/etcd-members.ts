/** The members of the etcd that belongs to this installation, which read whom they trust at their start only. */
export interface EtcdMembers {
  /** Wall clock, in ms since 1970, of the start of each that runs; undefined where one does not. Rejects with OpError. */
  startedAt(): Promise<ReadonlyMap<string, number | undefined>>;
  /** Has one started anew. False: not now, another one is away. Rejects with OpError. */
  restart(member: string): Promise<boolean>;
}
