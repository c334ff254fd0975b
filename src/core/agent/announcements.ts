/**
 * When each bound VIP is announced again. The first announcement goes out with the bind; `count` - 1 more follow
 * `intervalMs` apart (more than a second: Linux neighbours lock an entry for one), then one each `refreshMs`.
 */
import type { VipAddress } from '../ids.ts';
import type { AnnouncePolicy } from '../messages.ts';
import { addMs, type Monotonic } from '../time.ts';

export interface Announcement {
  readonly vip: VipAddress;
  readonly dueAt: Monotonic;
  /** Announcements left of the first `count`. */
  readonly remaining: number;
  readonly policy: AnnouncePolicy;
}

/** Repeated announcements in one turn; the rest follow `PACE_MS` later, so that thousands of VIPs are no burst. */
const PACE_BATCH = 100;
const PACE_MS = 5;

/** Schedule after the VIP was announced once at `now`. */
export function scheduleAfterBind(vip: VipAddress, policy: AnnouncePolicy, now: Monotonic): Announcement | undefined {
  return following({ vip, dueAt: now, remaining: policy.count, policy });
}

function following(sent: Announcement): Announcement | undefined {
  const { policy } = sent;
  const remaining = Math.max(0, sent.remaining - 1);
  if (remaining > 0) return { ...sent, remaining, dueAt: addMs(sent.dueAt, policy.intervalMs) };
  return policy.refreshMs > 0 ? { ...sent, remaining: 0, dueAt: addMs(sent.dueAt, policy.refreshMs) } : undefined;
}

/** What to announce now, and the schedule that is left. */
export function dueAnnouncements(
  schedule: readonly Announcement[],
  now: Monotonic,
): { readonly due: readonly VipAddress[]; readonly rest: readonly Announcement[] } {
  const due: VipAddress[] = [];
  const rest: Announcement[] = [];
  for (const item of schedule) {
    if (item.dueAt > now) {
      rest.push(item);
    } else if (due.length < PACE_BATCH) {
      due.push(item.vip);
      const next = following({ ...item, dueAt: now });
      if (next) rest.push(next);
    } else {
      rest.push({ ...item, dueAt: addMs(now, PACE_MS) });
    }
  }
  return { due, rest };
}

export function nextAnnouncementAt(schedule: readonly Announcement[]): Monotonic {
  let first = Number.POSITIVE_INFINITY;
  for (const { dueAt } of schedule) first = Math.min(first, dueAt);
  return first as Monotonic;
}
