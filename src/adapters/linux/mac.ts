/** "02:42:ac:11:00:02"; empty text for no bytes. */
export const formatMac = (mac: Uint8Array): string =>
  Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join(':');
