import { beforeAll, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInvocation } from '../../src/config/invocation.ts';
import { describeWith, missingTool } from '../../src/testing/requirements.ts';
import { REPOSITORY } from '../source/files.ts';
import { type KubeManifest, objectsIn, renderChart, WORKING } from './helm.ts';
import { DEPLOY } from './plain-manifest.ts';

interface Hook extends KubeManifest {
  readonly metadata: KubeManifest['metadata'] & { readonly annotations?: Readonly<Record<string, string>> };
  readonly rules?: readonly object[];
}
interface Job extends Hook {
  readonly spec: {
    readonly activeDeadlineSeconds: number;
    readonly backoffLimit: number;
    readonly template: { readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] } };
  };
}

/** What `helm uninstall` makes after everything else is gone. */
function hooks(values: object): readonly Hook[] {
  const result = renderChart({ ...WORKING, ...values }, { namespace: 'elsewhere' });
  if (result.kind === 'refused') throw new Error(result.message);
  return (objectsIn(result.text) as readonly Hook[]).filter(
    ({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'post-delete',
  );
}

const jobOf = (made: readonly Hook[]): Job => made.find(({ kind }) => kind === 'Job') as Job;

const weightOf = ({ metadata }: Hook): number => Number(metadata.annotations?.['helm.sh/hook-weight'] ?? '0');

describeWith(missingTool('helm'), 'uninstalling the chart', () => {
  let made: readonly Hook[];
  beforeAll(() => void (made = hooks({})));

  it('ends with a Job that has its account and its rights before it, and all of them go again', () => {
    const inOrder = made.toSorted((a, b) => weightOf(a) - weightOf(b));
    expect(inOrder.map(({ kind }) => kind)).toEqual([
      'ServiceAccount',
      'ClusterRole',
      'Role',
      'ClusterRoleBinding',
      'RoleBinding',
      'Job',
    ]);
    for (const { metadata } of made) {
      expect(metadata.annotations?.['helm.sh/hook-delete-policy']).toBe('before-hook-creation,hook-succeeded');
    }
  });

  it('lets that Job change pools and see pods of its namespace, and nothing else', () => {
    const rules = made.flatMap(({ kind, rules = [] }) => rules.map((rule) => [kind, rule]));
    expect(rules).toEqual([
      ['ClusterRole', { apiGroups: ['vippool.io'], resources: ['vippools'], verbs: ['get', 'list', 'patch'] }],
      ['Role', { apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
    ]);
  });

  it('runs a command that the program takes, in the namespace of the release', () => {
    const [{ args } = { args: [] }] = jobOf(made).spec.template.spec.containers;
    const read = readInvocation({
      argv: args,
      environment: {},
      host: { hostname: 'host' },
      program: 'vippool',
      version: '0',
      readFile: () => '',
    });
    expect(read).toEqual({
      kind: 'unprotect',
      config: { kubeconfig: undefined, namespace: 'elsewhere', timeoutMs: 140_000 },
    });
  });

  it('waits longer for pods than they may take to end, and ends by itself', () => {
    expect(jobOf(made).spec).toMatchObject({ activeDeadlineSeconds: 200, backoffLimit: 2 });
    const { spec } = jobOf(hooks({ agent: { ...WORKING.agent, terminationGracePeriodSeconds: 150 } }));
    expect(spec.template.spec.containers[0]?.args).toContain('--timeout=170s');
    expect(spec.activeDeadlineSeconds).toBe(230);
  });

  it.each([
    ['where it is not wanted', { uninstall: { releasePools: false } }],
    ['where the chart makes no roles', { rbac: { create: false } }],
  ])('has no such Job %s', (_, values) => {
    expect(hooks(values)).toEqual([]);
  });

  it('has no part in what kubectl applies', () => {
    expect(readFileSync(join(REPOSITORY, DEPLOY, 'install.yaml'), 'utf8')).not.toMatch(/helm\.sh\/hook|kind: Job/);
  });
});
