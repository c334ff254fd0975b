import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Finding } from '../../ports/evidence.ts';
import { DaemonEvidence, type DaemonEvidenceOptions } from './daemon-evidence.ts';

async function findings(options: Partial<DaemonEvidenceOptions>): Promise<Finding[]> {
  const all: Finding[] = [];
  const evidence = new DaemonEvidence({ addresses: [], logs: [], ...options });
  for await (const finding of evidence.findings(new AbortController().signal)) all.push(finding);
  await evidence.close();
  return all;
}

test('a daemon tells whether it is ready, and its metrics', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/readyz') response.writeHead(503).end('no controller answers\n');
    else response.end('vippool_build_info 1\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  try {
    expect(await findings({ addresses: [{ host: '127.0.0.1', port }] })).toEqual([
      { kind: 'text', path: `daemons/127.0.0.1_${port}/readyz.txt`, text: 'no controller answers\n' },
      { kind: 'trouble', what: `127.0.0.1:${port}`, why: '/readyz: no controller answers' },
      { kind: 'text', path: `daemons/127.0.0.1_${port}/metrics.txt`, text: 'vippool_build_info 1\n' },
    ]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
  expect(await findings({ addresses: [{ host: '127.0.0.1', port }] })).toEqual([
    { kind: 'missing', what: `/readyz of 127.0.0.1:${port}`, why: 'no answer: ECONNREFUSED' },
    { kind: 'missing', what: `/metrics of 127.0.0.1:${port}`, why: 'no answer: ECONNREFUSED' },
  ]);
});

test('logs keep their ends, and those of the same name stay apart', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vippool-logs-'));
  try {
    const path = join(directory, 'agent.log');
    await writeFile(path, `${'old\n'.repeat(3 * 1024 * 1024)}new\n`);
    const [first, second] = await findings({ logs: [path, join(directory, 'none.log')] });
    expect(second).toEqual({ kind: 'missing', what: `log ${directory}/none.log`, why: 'ENOENT' });
    if (first?.kind !== 'text') throw new Error('no log');
    expect([first.path, first.text.length]).toEqual(['logs/1-agent.log', 10 * 1024 * 1024]);
    expect(first.text.endsWith('old\nnew\n')).toBe(true);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
