/** What agents ask each other when they have no majority of the controllers (failure model: Hold). */
import type { NodeName } from './ids.ts';
import type { LeaseName } from './messages.ts';

export type WitnessMessage =
  /** "Confirm that I may go on with what I hold under this lease." */
  | { readonly kind: 'confirm-request'; readonly node: NodeName; readonly lease: LeaseName; readonly sequence: number }
  /** Valid for the lease duration from the instant at which the request was sent. */
  | {
      readonly kind: 'confirm-answer';
      readonly node: NodeName;
      readonly lease: LeaseName;
      readonly sequence: number;
      readonly confirmed: boolean;
    };
