import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECK_DIR } from './cluster.ts';
import { type Host, HOST_ROOT } from './host.ts';
import type { Lab } from './lab.ts';

/** Where a script of checks is on the machine that runs the lab. */
export const checkScript = (host: Host, name: string): string =>
  join(host.root, CHECK_DIR.slice(HOST_ROOT.length), name);

/** Gives every host these scripts, by name, before its agent starts. */
export function installCheckScripts(lab: Lab, scripts: Readonly<Record<string, string>>): void {
  for (const host of lab.hosts.values()) {
    mkdirSync(checkScript(host, ''));
    for (const [name, text] of Object.entries(scripts)) {
      writeFileSync(checkScript(host, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
  }
}
