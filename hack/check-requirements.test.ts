import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs the script with nothing on PATH but bash, uname and id. */
function check(needs: readonly string[]): { readonly status: number | null; readonly lines: string[] } {
  const bin = mkdtempSync(join(tmpdir(), 'vippool-check-'));
  try {
    for (const program of ['bash', 'uname', 'id']) {
      const path = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
      symlinkSync(path, join(bin, program));
    }
    const script = join(import.meta.dirname, 'check-requirements.sh');
    const { status, stderr } = spawnSync(join(bin, 'bash'), [script, ...needs], {
      encoding: 'utf8',
      env: { PATH: bin },
    });
    return { status, lines: stderr.split('\n').filter((line) => line !== '') };
  } finally {
    rmSync(bin, { recursive: true, force: true });
  }
}

describe('check-requirements', () => {
  it('is silent when nothing is missing', () => {
    expect(check(['id', 'uname'])).toEqual({ status: 0, lines: [] });
  });

  it('names everything that is missing, with the packages', () => {
    expect(check(['ip', 'id', 'npm'])).toEqual({
      status: 1,
      lines: [
        'missing: ip: apt-get install iproute2 (Debian, Ubuntu), dnf install iproute (Fedora, RHEL)',
        'missing: npm: apt-get install nodejs npm (Debian, Ubuntu), dnf install nodejs-npm (Fedora, RHEL)',
      ],
    });
  });

  it('wants root only where it was asked to', () => {
    expect(check(['root']).status).toBe(process.getuid?.() === 0 ? 0 : 1);
  });
});
