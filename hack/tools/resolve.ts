import { ETCD_FOR_KUBE_APISERVER, resolveTool } from './resolver.ts';

const USAGE = `Usage: node hack/tools/resolve.ts TOOL[>=VERSION] ...
Finds each tool, or installs it into .cache/tools, and prints one line "NAME PATH" for each.`;

const requests = process.argv.slice(2);
if (requests.length === 0 || requests.some((request) => request.startsWith('-'))) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
try {
  for (const request of requests) {
    const [name = '', given] = request.split('>=');
    // Where both are asked for, the etcd is the API server's.
    const minVersion =
      given ?? (name === 'etcd' && requests.includes('kube-apiserver') ? ETCD_FOR_KUBE_APISERVER : undefined);
    const tool = await resolveTool(name, minVersion === undefined ? {} : { minVersion });
    process.stdout.write(`${name} ${tool.path}\n`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
