/** What peers check of the services of a host: as much as ours, by the programs that administrators use for it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstMissing, missingProgram } from '../../../src/testing/missing.ts';
import { DISK_PATH, EXPORT_PATH, NFS_PID_FILE, SMB_PID_FILE } from '../services.ts';

const running = (pidFile: string): string => `kill -0 "$(head -n 1 ${pidFile})"`;

const SCRIPTS: Readonly<Record<string, string>> = {
  nfs: "nfs-ls 'nfs://127.0.0.1/export?version=4'",
  'nfs-process': running(NFS_PID_FILE),
  // A list of shares would start further servers.
  smb: 'smbclient -N //127.0.0.1/share -c exit',
  'smb-process': running(SMB_PID_FILE),
  database: 'pg_isready -q -h 127.0.0.1',
  disk: `echo text > ${DISK_PATH}/check && rm ${DISK_PATH}/check`,
  export: `stat -f ${EXPORT_PATH}`,
};

/** Why these checks cannot run here; undefined where they can. */
export const missingForCheckScripts = (): string | undefined =>
  firstMissing(missingProgram('smbclient', 'smbclient'), missingProgram('pg_isready', 'postgresql-client'));

/** One executable file each, in this directory. Returns their paths. */
export function writeCheckScripts(directory: string): readonly string[] {
  return Object.entries(SCRIPTS).map(([name, command]) => {
    const path = join(directory, `check-${name}`);
    writeFileSync(path, `#!/bin/sh\nexec >/dev/null 2>&1\n${command}\n`, { mode: 0o755 });
    return path;
  });
}
