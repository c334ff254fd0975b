import { type Option, text } from '../option.ts';
import { oneOf } from '../values/scalars.ts';

/** How the process is scheduled, the same for controller and agent. */
export const REALTIME: Option<'auto' | 'on' | 'off'> = {
  flag: 'realtime',
  type: oneOf(['auto', 'on', 'off']),
  default: text('auto'),
  meaning:
    'Real-time scheduling, so that heartbeats leave in time on a busy host; needs CAP_SYS_NICE. auto: where the kernel ' +
    'allows it. on: end where it does not. A process that spins gives it up by itself.',
};
