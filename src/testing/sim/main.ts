// Runs the simulator: `node src/testing/sim/main.ts --help`.
import { type CampaignOrder, type Finding, type Tally } from './campaign.ts';
import { runOnWorkers } from './crew.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { runPlanted } from './planting.ts';
import { outcomeLine, writeCampaign, writePlanted } from './report.ts';
import { scenarioNamed } from './scenarios.ts';
import { replayArguments, scheduleOf, simulate } from './simulate.ts';
import { shrink } from './shrink.ts';
import { traceLine } from './trace-text.ts';

/** Violations that are listed; the numbers tell of the rest. */
const MAX_LISTED = 20;

/** When progress was shown last, in ms of the run. */
let progressAt = 0;
/** Findings that were told as they came. */
let told = 0;

async function campaign(options: Options): Promise<number> {
  const { seeds, workers, trace } = options;
  if (trace) return replay(options);
  const order: CampaignOrder = { ...options, count: seeds, stride: 1 };
  const startedAt = performance.now();
  const sum = await runOnWorkers(order, workers, (so) => {
    progress(so, seeds, performance.now() - startedAt);
    return so.findings.length > 0 && !options.keepGoing;
  });
  const wallMs = performance.now() - startedAt;
  if (process.stderr.isTTY) process.stderr.write('\n');
  writeCampaign(options.report, sum, wallMs);
  const perMinute = Math.round((sum.schedules / wallMs) * 60_000);
  console.log(
    `${sum.schedules} schedules, ${sum.events} events, ${Math.round(sum.virtualMs / 1_000)} virtual s ` +
      `in ${(wallMs / 1_000).toFixed(1)} s (${perMinute} schedules a minute): ${sum.findings.length} violations`,
  );
  const shown = new Set<string>();
  for (const finding of sum.findings) {
    if (shown.has(finding.invariant)) continue;
    shown.add(finding.invariant);
    explain(finding, options);
  }
  return sum.findings.length > 0 ? 1 : 0;
}

function progress({ schedules, findings }: Tally, of: number, wallMs: number): void {
  for (const { seed, scenario, message } of findings.slice(told, MAX_LISTED))
    console.log(`${seed} ${scenario}: ${firstLine(message)}`);
  told = findings.length;
  if (!process.stderr.isTTY && wallMs - progressAt < 10_000) return;
  progressAt = wallMs;
  const rate = Math.round((schedules / wallMs) * 60_000);
  const text = `${schedules} of ${of} schedules, ${rate} a minute, ${findings.length} violations`;
  process.stderr.write(process.stderr.isTTY ? `\r${text}` : `${text}\n`);
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

/** The promise that was broken and the one command that shows how, with as few faults as it takes. */
function explain(finding: Finding, { profile, actions }: Options): void {
  const schedule = scheduleOf(finding.seed, { scenario: scenarioNamed(finding.scenario), profile, actions });
  const short = shrink(
    schedule.actions,
    (candidate) => simulate({ ...schedule, actions: candidate }).violation?.invariant === finding.invariant,
  );
  const replayed = replayArguments({ ...schedule, actions: short }, profile);
  console.log(`\n${finding.message}\nseed ${finding.seed}, scenario ${finding.scenario}`);
  console.log(`${schedule.actions.length} faults, ${short.length} suffice; shown by`);
  console.log(`  node src/testing/sim/main.ts ${replayed}`);
}

function replay(options: Options): number {
  const scenario = options.scenario === undefined ? undefined : scenarioNamed(options.scenario);
  let violations = 0;
  for (let seed = options.first; seed < options.first + options.seeds; seed++) {
    const schedule = scheduleOf(seed, { scenario, profile: options.profile, actions: options.actions });
    const { controllers, hosts, profile, shared, remembering } = schedule.setup;
    console.log(
      `seed ${seed}, scenario ${schedule.scenario.name}: ${controllers} controllers ${shared ? 'on the machines of' : 'beside'} ` +
        `${hosts} hosts, profile ${profile}, memory mask ${remembering}`,
    );
    const { violation } = simulate(schedule, (...line) => console.log(traceLine(...line)));
    if (violation) violations++;
  }
  return violations > 0 ? 1 : 0;
}

async function planted(options: Options): Promise<number> {
  const bugs = PLANTED_BUGS.filter(({ name }) => options.planted === '' || name === options.planted);
  if (bugs.length === 0) throw new Error(`no planted bug "${options.planted}"`);
  const { limit, first, workers } = options;
  const outcomes = await runPlanted(bugs, { limit, first, workers }, (outcome) => console.log(outcomeLine(outcome)));
  writePlanted(options.report, outcomes);
  const caught = outcomes.filter(({ outcome }) => outcome === 'caught').length;
  console.log(`${caught} of ${outcomes.length} planted bugs caught`);
  return caught === outcomes.length ? 0 : 1;
}

const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(USAGE);
} else {
  try {
    const options = readOptions(args);
    process.exitCode = options.planted === undefined ? await campaign(options) : await planted(options);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exitCode = 2;
  }
}
