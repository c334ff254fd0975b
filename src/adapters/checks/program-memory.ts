const MAX_BYTES = 512 * 2 ** 20;
const KIB = 1_024;
/** Three programs that take all they may leave the agent as much. */
const SHARES = 4;

/**
 * Data segment and private memory of a program, and of each of its children, in KiB. Where it took what the container has,
 * the kernel would end the agent as well. Address space is not limited: several languages reserve a lot of it and use
 * little.
 *
 * @param limitBytes of the container or service; 0 where there is none
 */
export function programMemoryKib(limitBytes: number): number {
  const share = limitBytes > 0 ? limitBytes / SHARES : MAX_BYTES;
  return Math.floor(Math.min(share, MAX_BYTES) / KIB);
}

/** The memory that the kernel lets the control group of this process have. */
export const ownMemoryLimit = (): number => process.constrainedMemory();
