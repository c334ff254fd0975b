/** A unit test runs on a copy of the source with a bug, and has to fail. */
import { copyFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { nodeChild } from './node-child.ts';
import type { NamedTest, TestedBug } from './planted-bug.ts';
import { inPlantedCopy } from './planted-copy.ts';
import type { TestedOutcome } from './report.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');

/** What this needs of what jest writes. */
interface JestReport {
  readonly testResults: readonly {
    /** What kept the file from being run. */
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

type Judgement = Pick<TestedOutcome, 'outcome' | 'why'>;

export async function testPlanted(bug: TestedBug): Promise<TestedOutcome> {
  const { name, section, rule, test } = bug;
  const judged = await inPlantedCopy(bug, { folders: ['.'], test: test.file }, (copy) => runTest(copy, test));
  return { name, section, rule, test, ...(judged === 'not-found' ? { outcome: judged } : judged) };
}

async function runTest(copy: string, test: NamedTest): Promise<Judgement> {
  copyFileSync(join(REPOSITORY, 'jest.config.js'), join(copy, 'jest.config.js'));
  symlinkSync(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'));
  const jest = [
    '--experimental-vm-modules',
    'node_modules/jest/bin/jest.js',
    '--selectProjects=unit',
    '--json',
    // A busy machine is no proof.
    '--testTimeout=60000',
    `--cacheDirectory=${join(copy, '.cache')}`,
    `--testNamePattern=${literal(test.name)}`,
    '--runTestsByPath',
    `src/${test.file}`,
  ];
  const { code, stdout } = await nodeChild(jest, { cwd: copy, stderr: 'ignore' });
  if (!stdout.startsWith('{')) return { outcome: 'not-judged', why: `jest ended with ${code}` };
  return judge(JSON.parse(stdout) as JestReport, test);
}

/** A pattern for this text. */
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Only the test itself counts: a source that cannot be loaded, or a test that is not there, proves nothing. */
function judge({ testResults }: JestReport, { file, name }: NamedTest): Judgement {
  const run = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName, status }) => fullName.includes(name) && status !== 'pending');
  if (run.some(({ status }) => status === 'failed')) return { outcome: 'caught' };
  if (run.length > 0) return { outcome: 'survived' };
  const [broken] = testResults.flatMap(({ message }) => (message === '' ? [] : [message]));
  return { outcome: 'not-judged', why: broken ?? `no test of ${file} has "${name}" in its name` };
}
