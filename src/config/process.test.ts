import { expect, test } from '@jest/globals';
import { programName, programVersion } from './process.ts';

test.each([
  ['/usr/local/bin/kubectl-vip', 'kubectl vip'],
  ['/usr/local/bin/kubectl_complete-vip', 'kubectl_complete-vip'],
  ['/opt/vippool/dist/bin/vippool.js', 'vippool'],
  ['/opt/kubectl-vip/vippool', 'vippool'],
  ['', 'vippool'],
])('%j is called %s', (script, name) => {
  expect(programName(script)).toBe(name);
});

test('the version is the one of the package', () => {
  expect(programVersion()).toMatch(/^\d+\.\d+\.\d+/);
});
