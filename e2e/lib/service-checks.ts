import { type HealthSpec } from './pool-manifest.ts';
import { DISK_PATH, EXPORT_PATH, NFS_PID_FILE, SMB_PID_FILE } from './services.ts';

/** Of every check. */
export const CHECK_INTERVAL_MS = 500;
export const CHECK_TIMEOUT_MS = 300;
export const CHECK_FALL = 2;
export const CHECK_RISE = 2;

const times = {
  interval: `${CHECK_INTERVAL_MS}ms`,
  timeout: `${CHECK_TIMEOUT_MS}ms`,
  fall: CHECK_FALL,
  rise: CHECK_RISE,
};

/** Looks at everything that hosts with services have. */
export const SERVICE_HEALTH: HealthSpec = {
  checks: [
    { name: 'nfs', type: 'nfs', ...times },
    { name: 'nfs-process', type: 'process', pidFile: NFS_PID_FILE, ...times },
    { name: 'smb', type: 'smb', ...times },
    { name: 'smb-process', type: 'process', pidFile: SMB_PID_FILE, ...times },
    { name: 'database', type: 'postgres', ...times },
    { name: 'disk', type: 'mount', path: DISK_PATH, writable: true, ...times },
    { name: 'export', type: 'mount', path: EXPORT_PATH, ...times },
  ],
  damping: { base: '0s' },
};
