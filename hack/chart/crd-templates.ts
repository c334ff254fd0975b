/**
 * A CustomResourceDefinition as a template of the chart. Helm never upgrades what lies in the folder `crds` of a chart,
 * so it is an ordinary template; the annotation keeps Helm from deleting it, and with it every pool.
 */
export function crdTemplate(manifest: string): string {
  const kept = manifest.replace(
    /^metadata:\n/m,
    'metadata:\n  annotations:\n    helm.sh/resource-policy: keep\n  labels:\n    app.kubernetes.io/part-of: vippool\n',
  );
  if (kept === manifest) throw new Error('the manifest has no line "metadata:" to put the annotation under');
  if (kept.includes('{{')) throw new Error('the manifest contains "{{", which Helm would take for its own');
  const note = '{{- /* Made of crds/ by "make generate". */}}';
  return `${note}\n{{- if .Values.crds.install }}\n${kept.replace(/^(#.*\n)+/, '').trimEnd()}\n{{- end }}\n`;
}
