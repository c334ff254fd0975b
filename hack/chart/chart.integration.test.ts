import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInvocation } from '../../src/config/invocation.ts';
import { describeWith, firstMissing, missingTool, toolPath } from '../../src/testing/requirements.ts';
import { CASES, REFUSED } from './cases.ts';
import { CHART, type KubeManifest, objectsIn, type RenderOptions, renderChart, runHelm, WORKING } from './helm.ts';
import { DEPLOY, plainManifest } from './plain-manifest.ts';
import { REPOSITORY } from '../source/files.ts';
import { missingSchemas, schemaFolder } from './kube-schemas.ts';

interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}
interface Workload extends KubeManifest {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly Container[] } } };
}

interface AgentSet extends Workload {
  readonly spec: Workload['spec'] & { readonly updateStrategy: { readonly rollingUpdate: object } };
}

interface MonitorObject extends KubeManifest {
  readonly spec: { readonly podMetricsEndpoints: readonly object[] };
}

/** What the kubelet puts in the place of variables. */
const FROM_POD: Readonly<Record<string, string>> = {
  POD_NAME: 'vippool-controller-0',
  POD_IP: '192.0.2.1',
  NODE_NAME: 'worker-1',
};

const merged = (values: object): object => {
  const agent = { ...WORKING.agent, ...(values as { agent?: object }).agent };
  return { ...values, agent };
};

function rendered(values: object, options?: RenderOptions): string {
  const result = renderChart(merged(values), options);
  if (result.kind === 'refused') throw new Error(result.message);
  return result.text;
}

/** Words and variables of controllers and agents as their containers get them. */
function commandLines(text: string): { readonly argv: string[]; readonly environment: Record<string, string> }[] {
  const containers = objectsIn(text)
    .filter(({ kind }) => kind === 'StatefulSet' || kind === 'DaemonSet')
    .flatMap((object) => (object as Workload).spec.template.spec.containers);
  return containers
    .filter(({ name }) => name !== 'etcd')
    .map(({ args, env }) => ({
      argv: args.map((arg) => arg.replaceAll(/\$\((\w+)\)/g, (whole, name: string) => FROM_POD[name] ?? whole)),
      environment: Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
    }));
}

const missing = firstMissing(missingTool('helm'), missingTool('kubeconform'), missingSchemas());

describeWith(missing, 'the chart', () => {
  let kubeconform: string;
  beforeAll(() => void (kubeconform = toolPath('kubeconform')));

  it('passes helm lint --strict', () => {
    const { code, out, err } = runHelm(['lint', '--strict', CHART, '--values', '-'], JSON.stringify(WORKING));
    expect([code, out + err]).toEqual([0, expect.stringContaining('0 chart(s) failed')]);
  });

  describe.each(Object.entries(CASES))('%s', (_, values) => {
    let text: string;
    beforeAll(() => void (text = rendered(values)));

    it('is made of valid objects', () => {
      const location = join(schemaFolder(), '{{.ResourceKind}}{{.KindSuffix}}.json');
      const { status, stdout } = spawnSync(kubeconform, ['-strict', '-summary', '-schema-location', location], {
        input: text,
        encoding: 'utf8',
      });
      expect([status, stdout]).toEqual([0, expect.stringMatching(/Valid: \d+, Invalid: 0, Errors: 0, Skipped: 0/)]);
    });

    it('starts controllers and agents with options that they take', () => {
      const lines = commandLines(text);
      expect(lines.map(({ argv: [command] }) => command).sort()).toEqual(['agent', 'controller']);
      for (const { argv, environment } of lines) {
        const read = readInvocation({
          argv,
          environment,
          host: { hostname: 'host' },
          program: 'vippool',
          version: '0',
          readFile: () => '',
        });
        expect(read.kind === 'refused' ? read.text : read.kind).toBe(argv[0]);
      }
    });

    it('is the same each time', () => {
      expect(rendered(values)).toBe(text);
    });

    it('has every object once, in the namespace of the release', () => {
      const objects = objectsIn(rendered(values, { namespace: 'elsewhere' }));
      const keys = objects.map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`);
      expect(keys).toEqual([...new Set(keys)]);
      const clusterWide = ['ClusterRole', 'ClusterRoleBinding', 'CustomResourceDefinition'];
      for (const { kind, metadata } of objects) {
        expect([kind, metadata.namespace]).toEqual([kind, clusterWide.includes(kind) ? undefined : 'elsewhere']);
      }
    });
  });

  it('is in deploy/install.yaml as it is now', () => {
    expect(readFileSync(join(REPOSITORY, DEPLOY, 'install.yaml'), 'utf8')).toBe(plainManifest());
  });

  it.each(REFUSED)('refuses %s and says what is wrong', (_, values, message) => {
    const result = renderChart(merged(values));
    expect(result).toEqual({ kind: 'refused', message: expect.stringMatching(message) });
  });

  it('gives all controllers and agents the same electorate, whose names are those of the pods', () => {
    const electorates = commandLines(rendered({ controller: { replicas: 5 } }, { release: 'a', namespace: 'b' })).map(
      ({ argv }) => argv.find((arg) => arg.startsWith('--controllers=')),
    );
    const members = [0, 1, 2, 3, 4].map(
      (i) => `a-vippool-controller-${i}=a-vippool-controller-${i}.a-vippool-controller.b.svc.cluster.local:7480`,
    );
    expect(electorates).toEqual(Array.from({ length: 2 }, () => `--controllers=${members.join()}`));
  });

  it('asks for metrics and health as they are served', () => {
    const monitoring = { podMonitor: { enabled: true }, scrapeAnnotations: true };
    const byHttp = rendered({ monitoring });
    expect(byHttp).not.toMatch(/scheme: HTTPS|metrics-(tls|token)/);
    const tls = { secretName: 'metrics-tls' };
    const byHttps = rendered({ monitoring: { ...monitoring, tls, token: { secretName: 'metrics-token' } } });
    const objects = objectsIn(byHttps);
    const ours = objects.filter(({ kind, metadata }) => kind !== 'Service' && !metadata.name.includes('etcd'));
    const schemes = [...JSON.stringify(ours).matchAll(/"port":("metrics"|7483),"scheme":"(\w+)"/g)].map(
      ([, , scheme]) => scheme,
    );
    expect(schemes).toEqual(Array.from({ length: 5 }, () => 'HTTPS'));
    const monitors = objects.filter(({ kind }) => kind === 'PodMonitor') as MonitorObject[];
    const asked = monitors.map(({ metadata, spec }) => [metadata.name, spec.podMetricsEndpoints[0]]);
    const securely = {
      path: '/metrics',
      scheme: 'https',
      tlsConfig: { ca: { secret: { name: 'metrics-tls', key: 'ca.crt' } }, serverName: 'vippool-metrics' },
      authorization: { type: 'Bearer', credentials: { name: 'metrics-token', key: 'token' } },
    };
    expect(Object.fromEntries(asked)).toEqual({
      'vippool-agent': { portNumber: 7483, ...securely },
      'vippool-controller': { port: 'metrics', ...securely },
      'vippool-etcd': { port: 'metrics', path: '/metrics' },
    });
    // Etcd is asked as before.
    expect([byHttp, byHttps].map((text) => text.match(/prometheus.io\/scheme: (\w+)/g)?.sort())).toEqual([
      ['prometheus.io/scheme: http', 'prometheus.io/scheme: http', 'prometheus.io/scheme: http'],
      ['prometheus.io/scheme: http', 'prometheus.io/scheme: https', 'prometheus.io/scheme: https'],
    ]);
  });

  it('lets a successor of an agent wait on the same node, unless it is asked not to', () => {
    const agent = (maxSurge: number | string): AgentSet =>
      objectsIn(rendered({ agent: { updateStrategy: { maxSurge, maxUnavailable: '20%' } } })).find(
        ({ kind }) => kind === 'DaemonSet',
      ) as AgentSet;
    const { updateStrategy, template } = agent(2).spec;
    expect(updateStrategy.rollingUpdate).toEqual({ maxSurge: 2, maxUnavailable: 0 });
    // The scheduler would find these taken, and the predecessor would answer there.
    expect(template.spec.containers).toEqual([
      expect.objectContaining({ startupProbe: expect.objectContaining({ exec: expect.anything() }) }),
    ]);
    expect(template.spec.containers[0]).not.toHaveProperty('ports');
    expect(agent('25%').spec.updateStrategy.rollingUpdate).toEqual({ maxSurge: '25%', maxUnavailable: 0 });
    expect(agent(0).spec.updateStrategy.rollingUpdate).toEqual({ maxUnavailable: '20%' });
  });

  it('asks for nothing random and looks nothing up', () => {
    for (const file of globSync('templates/**/*', { cwd: CHART })) {
      if (!/\.(yaml|tpl|txt)$/.test(file)) continue;
      const actions = readFileSync(join(CHART, file), 'utf8').match(/\{\{.*?\}\}/gs) ?? [];
      const volatile = actions.filter((action) =>
        /\b(lookup|rand[A-Z]\w*|gen[A-Z]\w*|now|uuidv4|htpasswd|bcrypt)\b/.test(
          action.replaceAll(/"[^"]*"|\/\*.*?\*\//gs, ''),
        ),
      );
      expect([file, volatile]).toEqual([file, []]);
    }
  });
});
