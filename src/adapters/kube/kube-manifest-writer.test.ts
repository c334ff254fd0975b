import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { nodeName } from '../../core/ids.ts';
import { KubeManifestWriter } from './kube-manifest-writer.ts';

let server: Server;
let writer: KubeManifestWriter;
let status: number;
let asked: { readonly method: string | undefined; readonly url: string | undefined; readonly body: unknown }[];

async function take(request: IncomingMessage): Promise<void> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  asked.push({ method: request.method, url: request.url, body: JSON.parse(text) });
}

beforeEach(async () => {
  status = 201;
  asked = [];
  server = createServer((request, response) => {
    void take(request).then(() => response.writeHead(status).end(JSON.stringify({ message: 'said so' })));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const access = { server: `http://127.0.0.1:${address.port}`, headers: {}, tls: {} };
  writer = new KubeManifestWriter({ access: () => Promise.resolve(access), forget: () => undefined });
});

afterEach(async () => {
  await writer.close();
  server.close();
});

test('a task is created, and maintenance applied with a field manager of its own', async () => {
  await writer.createTask('t', { action: 'Failback' });
  await writer.setMaintenance(nodeName('node-a'), true);
  expect(asked).toEqual([
    {
      method: 'POST',
      url: '/apis/vippool.io/v1alpha1/viptasks?fieldManager=vippool-cli',
      body: {
        apiVersion: 'vippool.io/v1alpha1',
        kind: 'VipTask',
        metadata: { name: 't' },
        spec: { action: 'Failback' },
      },
    },
    {
      method: 'PATCH',
      url: '/apis/vippool.io/v1alpha1/nodehealths/node-a?fieldManager=vippool-cli&force=true',
      body: {
        apiVersion: 'vippool.io/v1alpha1',
        kind: 'NodeHealth',
        metadata: { name: 'node-a' },
        spec: { maintenance: true },
      },
    },
  ]);
});

test.each([
  [
    404,
    'CRDs are not installed: install vippool in this cluster (helm install, see docs/install.md), or choose the cluster that has it (kubectl config use-context)',
    'CRDs are not installed: install vippool in this cluster (helm install, see docs/install.md), or choose the cluster that has it (kubectl config use-context)',
  ],
  [
    403,
    'grant verb "create" on resource "viptasks" of API group "vippool.io"',
    'grant verb "patch" on resource "nodehealths" of API group "vippool.io"',
  ],
])('%d says what is missing', async (code, ofTask, ofNode) => {
  status = code;
  await expect(writer.createTask('t', { action: 'Failback' })).rejects.toThrow(ofTask);
  await expect(writer.setMaintenance(nodeName('node-a'), true)).rejects.toThrow(ofNode);
});
