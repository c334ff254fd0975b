import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { KUBECTL_COMPLETER } from '../config/completion.ts';
import { describeWith, missingTool, toolPath } from '../testing/requirements.ts';

describeWith(missingTool('kubectl'), 'kubectl', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vippool-completion-'));
    mkdirSync(join(folder, 'program'));
    for (const name of ['kubectl-vip', KUBECTL_COMPLETER]) {
      const program = join(folder, 'program', name);
      symlinkSync(join(import.meta.dirname, 'vippool.ts'), program);
      // The source is not executable, unlike what is built from it.
      writeFileSync(join(folder, name), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
    }
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const completed = (...words: readonly string[]): readonly string[] => {
    const { stdout } = spawnSync(toolPath('kubectl'), ['__complete', 'vip', ...words], {
      env: { PATH: [folder, process.env['PATH']].join(delimiter), HOME: folder },
      encoding: 'utf8',
    });
    return stdout.trim().split('\n');
  };

  it('completes commands, options and values of the plugin', () => {
    expect(completed('dr')).toEqual(['drain', ':4']);
    expect(completed('move', '192.0.2.10', 'node-a', '--no')).toEqual(['--no-wait', ':4']);
    expect(completed('status', '-o', '')).toEqual(['table', 'wide', 'json', 'yaml', ':4']);
  }, 60_000);

  it('completes names of files where the plugin has no word', () => {
    expect(completed('diagnose', '--logs', 'agent.l')).toEqual([':0']);
  }, 60_000);
});
