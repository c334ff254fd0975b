import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { CONDITIONS } from '../../src/core/condition-table.ts';
import { REPOSITORY } from '../source/files.ts';

interface Values {
  readonly agent: { readonly interfaces: readonly string[]; readonly allowedAddresses: readonly string[] };
}
/** What both examples say, each in its own place. */
interface Installation {
  readonly release: string;
  readonly namespace: string;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly revision: string;
  readonly chart: string;
  readonly values: Values;
}
interface Application {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly source: {
      readonly targetRevision: string;
      readonly path: string;
      readonly helm: { readonly valuesObject: Values };
    };
    readonly destination: { readonly namespace: string };
    readonly syncPolicy: {
      readonly managedNamespaceMetadata: { readonly labels: Readonly<Record<string, string>> };
    };
  };
}
interface Namespace {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
}
interface GitRepository {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly ref: { readonly tag: string } };
}
interface CustomResourceDefinition {
  readonly spec: { readonly group: string; readonly names: { readonly kind: string } };
}
interface HelmRelease {
  readonly spec: {
    readonly releaseName: string;
    readonly targetNamespace: string;
    readonly chart: { readonly spec: { readonly chart: string; readonly sourceRef: { readonly name: string } } };
    readonly values: Values;
  };
}

const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');

function argoCd(): Installation {
  const { metadata, spec } = parse(read('examples/gitops/argocd.yaml')) as Application;
  return {
    release: metadata.name,
    namespace: spec.destination.namespace,
    namespaceLabels: spec.syncPolicy.managedNamespaceMetadata.labels,
    revision: spec.source.targetRevision,
    chart: spec.source.path,
    values: spec.source.helm.valuesObject,
  };
}

function flux(): Installation {
  const objects = parseAllDocuments(read('examples/gitops/flux.yaml')).map((document) => document.toJS() as unknown);
  const [namespace, repository, release] = objects as [Namespace, GitRepository, HelmRelease];
  const { releaseName, targetNamespace, chart, values } = release.spec;
  expect([targetNamespace, chart.spec.sourceRef.name]).toEqual([namespace.metadata.name, repository.metadata.name]);
  return {
    release: releaseName,
    namespace: targetNamespace,
    namespaceLabels: namespace.metadata.labels,
    revision: repository.spec.ref.tag,
    chart: chart.spec.chart,
    values,
  };
}

describe.each([
  ['argocd.yaml', argoCd],
  ['flux.yaml', flux],
])('examples/gitops/%s', (_, installation) => {
  it('has values that the chart takes, and those that it needs', () => {
    const { values } = installation();
    const schema = JSON.parse(read('charts/vippool/values.schema.json')) as object;
    const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
    validate(values);
    expect(validate.errors).toBeNull();
    expect(values.agent.interfaces).not.toEqual([]);
    expect(values.agent.allowedAddresses).not.toEqual([]);
  });

  it('installs this version of the chart under the names of the documents, where agents may run', () => {
    const { release, namespace, namespaceLabels, revision, chart } = installation();
    const { version } = parse(read(join(chart, 'Chart.yaml'))) as { version: string };
    expect({ release, namespace, revision }).toEqual({
      release: 'vippool',
      namespace: 'vippool-system',
      revision: `v${version}`,
    });
    expect(namespaceLabels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'privileged' });
    expect(existsSync(join(REPOSITORY, chart, 'values.yaml'))).toBe(true);
  });
});

it('examples/gitops/argocd-health.yaml is about pools, by conditions that they have', () => {
  const { data } = parse(read('examples/gitops/argocd-health.yaml')) as { data: Readonly<Record<string, string>> };
  const { group, names } = (parse(read('crds/vippool.io_vippools.yaml')) as CustomResourceDefinition).spec;
  const [[key, script] = ['', '']] = Object.entries(data);
  expect(key).toBe(`resource.customizations.health.${group}_${names.kind}`);
  const used = [...script.matchAll(/conditions\.(\w+)/g)].map(([, type = '']) => type);
  expect(used).toEqual(['Ready', 'Stalled']);
  for (const type of used) expect(Object.keys(CONDITIONS.VipPool)).toContain(type);
});
