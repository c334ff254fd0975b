/**
 * `make e2e`: what every fault costs a client, ours beside keepalived. Variables: see options.ts. `--table` prints the
 * README's table of the last report, `--list` the faults; both need neither root nor a lab.
 */
import { errorText } from '../../src/core/error-text.ts';
import { describeMachine } from '../lib/failover-report.ts';
import { enterIsolation, prepareIsolation } from '../lib/isolation.ts';
import { FAULTS, faultNamed } from './faults/index.ts';
import { type MatrixOptions, parseOptions } from './options.ts';
import { keepRow, readReport, REPORT } from './report.ts';
import { runMatrix } from './run.ts';
import { markdown, readable } from './tables.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const refuse = (error: unknown): never => {
  process.stderr.write(`e2e: ${errorText(error)}\n`);
  process.exit(2);
};

const [argument, ...more] = process.argv.slice(2);
if (more.length > 0) refuse(new Error('one of --table and --list at a time'));
switch (argument) {
  case '--table':
    say(markdown(readReport(REPORT).rows, (name) => faultNamed(name).does));
    break;
  case '--list':
    for (const { name, does, heals } of FAULTS) say(`${name.padEnd(24)}${does}; ends: ${heals}`);
    break;
  case undefined:
    await run(options());
    break;
  default:
    refuse(new Error(`unknown option ${argument}; known are --table and --list`));
}

function options(): MatrixOptions {
  try {
    return parseOptions(process.env);
  } catch (error) {
    return refuse(error);
  }
}

async function run(chosen: MatrixOptions): Promise<void> {
  await enterIsolation();
  prepareIsolation();
  process.once('SIGINT', () => process.exit(130));
  const startedAt = performance.now();
  const { cpu, cores, memoryGiB, kernel, node, loadAverage } = describeMachine();
  say(`${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}, load ${loadAverage}\n`);
  const { rows, skipped, failed } = await runMatrix(chosen, {
    trial(line) {
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0).padStart(5);
      process.stderr.write(`${seconds} s  ${line}\n`);
    },
    row: (row) => keepRow(REPORT, row),
  });
  say(`\n${readable(rows)}`);
  for (const reason of failed) say(`\nno run came to its end: ${reason}`);
  for (const reason of skipped) say(`\nskipped: ${reason}`);
  const broken = rows.filter(({ ok }) => ok === false);
  say(`\n${rows.length} rows, ${broken.length} broken, ${failed.length} failed, ${skipped.length} skipped; ${REPORT}`);
  // A peer that is not installed is no failure of ours, unless everything is wanted.
  const strict = process.env['STRICT'] === '1' && skipped.length > 0;
  process.exitCode = broken.length + failed.length > 0 || strict ? 1 : 0;
}
