import { decodeActions } from './actions.ts';
import { scenarioNamed } from './scenarios.ts';
import { scheduleOf, simulate } from './simulate.ts';
const t0 = performance.now();
const first = Number(process.argv[2] ?? 1),
  count = Number(process.argv[3] ?? 100);
const scenario = process.argv[4] ? scenarioNamed(process.argv[4]) : undefined;
const actions = process.argv[5] === undefined || process.argv[5] === '-' ? undefined : decodeActions(process.argv[5]);
const trace = process.argv[6]
  ? (at: number, who: string, what: string, fields?: object) =>
      console.log(at.toFixed(1).padStart(8), who.padEnd(7), what, fields ? JSON.stringify(fields) : '')
  : undefined;
let events = 0;
const seen = new Map<string, number>();
for (let seed = first; seed < first + count; seed++) {
  const s = scheduleOf(seed, { scenario, actions });
  const v = simulate(s, trace);
  events += v.events;
  if (v.violation) {
    seen.set(v.violation.invariant, (seen.get(v.violation.invariant) ?? 0) + 1);
    console.log(seed, s.scenario.name, v.violation.message.slice(0, 300));
  }
}
console.log(count, 'schedules', events, 'events', (performance.now() - t0) / count, 'ms each', [...seen]);
