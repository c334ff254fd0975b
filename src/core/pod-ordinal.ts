/** Controllers that are pods of one StatefulSet: "vippool-controller-2" is the third one. */
import type { ElectorateMember } from './electorate.ts';

/** Undefined where the name is not that of such a pod. */
export function ordinalOf(id: string): number | undefined {
  const digits = /-(0|[1-9]\d{0,5})$/.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Those that are left when there are so many pods. */
export const staying = (controllers: readonly ElectorateMember[], replicas: number): readonly ElectorateMember[] =>
  controllers.filter(({ id }) => (ordinalOf(id) ?? 0) < replicas);
