import { expect, it } from '@jest/globals';
import { crdTemplate } from './crd-templates.ts';

it('keeps a CustomResourceDefinition when the release goes, and asks the values whether it comes', () => {
  expect(crdTemplate('# Of this file.\nkind: X\nmetadata:\n  name: y\n'))
    .toBe(`{{- /* Made of crds/ by "make generate". */}}
{{- if .Values.crds.install }}
kind: X
metadata:
  annotations:
    helm.sh/resource-policy: keep
  labels:
    app.kubernetes.io/part-of: vippool
  name: y
{{- end }}
`);
});

it('refuses what Helm would understand in its own way', () => {
  expect(() => crdTemplate('metadata:\n  name: "{{ x }}"\n')).toThrow('"{{"');
  expect(() => crdTemplate('kind: X\n')).toThrow('metadata');
});
