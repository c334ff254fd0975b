/** A lab with a process on each host, for the test of what is left of it. Argument: a word that marks its processes. */
import { enterIsolation } from './isolation.ts';
import { Lab } from './lab.ts';

await enterIsolation();
const marker = process.argv[2] ?? '';
const lab = Lab.create(['node-1', 'node-2']);
for (const host of lab.hosts.values()) host.run('sleeper', ['sh', '-c', 'sleep 600; : "$0"', marker]);
lab.run('switch-sleeper', undefined, ['sh', '-c', 'sleep 600; : "$0"', marker]);
process.stdout.write('ready\n');
setInterval(() => undefined, 1_000);
