import { expect, it } from '@jest/globals';
import { describeWith, missingTool, toolPath } from '../../src/testing/requirements.ts';
import { loadCatalog } from './catalog.ts';
import { ETCD_FOR_KUBE_APISERVER } from './resolver.ts';
import { compareVersions, probeVersion } from './version.ts';

const catalog = loadCatalog();

for (const [name, minVersion] of [
  ['etcd', ETCD_FOR_KUBE_APISERVER],
  ['kube-apiserver', undefined],
  ['kubectl', undefined],
] as const) {
  describeWith(missingTool(name, minVersion), `the real ${name}`, () => {
    it('is as new as was asked for', () => {
      const spec = catalog.tools[name];
      const version = probeVersion(toolPath(name, minVersion), spec?.versionArgs ?? []);
      expect(compareVersions(version ?? '0.0.0', minVersion ?? spec?.minVersion ?? '')).toBeGreaterThanOrEqual(0);
    });
  });
}
