import { randomBytes } from 'node:crypto';
import type { Random } from '../../ports/random.ts';

/** Randomness of the operating system. */
export class SystemRandom implements Random {
  hex(bytes: number): string {
    return randomBytes(bytes).toString('hex');
  }

  fraction(): number {
    return Math.random();
  }
}
