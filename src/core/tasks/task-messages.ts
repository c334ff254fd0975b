/** What an author of a VipTask reads when it is wrong; the CEL rules of its CRD say the same words. */
export const TASK_MESSAGES = {
  immutable: 'a task is done once and cannot be changed: create another one',
  move: 'Move takes an address and the node that shall hold it: write { action: Move, address: "192.0.2.10", node: node-a }',
  failback: 'Failback takes an address, a pool or neither, and no node: write { action: Failback, pool: nas }',
  address: 'not a single address: write for example "192.0.2.10" or "2001:db8::10"',
  ttlRange: 'too long: write at most 720h',
} as const;
