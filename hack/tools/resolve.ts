import { ETCD_FOR_KUBE_APISERVER, resolveTool } from './resolver.ts';

const USAGE = `Usage: node hack/tools/resolve.ts TOOL[>=VERSION] ...
Finds each tool, or installs it into .cache/tools, and prints one line "NAME PATH" for each.`;

const requests = process.argv.slice(2);
if (requests.length === 0 || requests.some((request) => request.startsWith('-'))) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
let missing = false;
for (const request of requests) {
  const [name = '', given] = request.split('>=');
  // Where both are asked for, the etcd is the API server's.
  const minVersion =
    given ?? (name === 'etcd' && requests.includes('kube-apiserver') ? ETCD_FOR_KUBE_APISERVER : undefined);
  try {
    const tool = await resolveTool(name, minVersion === undefined ? {} : { minVersion });
    process.stdout.write(`${name} ${tool.path}\n`);
  } catch (error) {
    missing = true;
    process.stderr.write(`${(error as Error).message}\n`);
  }
}
process.exitCode = missing ? 1 : 0;
