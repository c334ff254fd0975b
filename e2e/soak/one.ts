/** One run of a soak in a lab of its own: `node one.ts '{"profile":"Fast", ...}'`. Prints its SoakRun as JSON. */
import { enterIsolation } from '../lib/isolation.ts';
import { soak, type SoakOptions } from './soak.ts';

await enterIsolation();
process.once('SIGINT', () => process.exit(130));
const options = JSON.parse(process.argv[2] ?? '{}') as SoakOptions;
process.stdout.write(`${JSON.stringify(await soak(options))}\n`);
