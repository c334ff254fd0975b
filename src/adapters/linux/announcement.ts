import { gratuitousArp } from './arp-frame.ts';
import type { Frames } from './frame-sender.ts';
import { unsolicitedAdvertisement } from './ndp-frame.ts';

/** Tells neighbours where a VIP is. */
export const ANNOUNCEMENT: Frames = {
  v4: gratuitousArp,
  v6: (mac, ip) => [unsolicitedAdvertisement(mac, ip)],
  countError: (metrics, labels) => metrics.count('announce_errors_total', labels),
  errorMessage: 'announcements not sent',
};
