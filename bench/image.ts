/** The container image: how large it is, and how long a controller in it takes to start. Inside of an isolation. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../e2e/lib/wait.ts';
import { missingProgram } from '../src/testing/missing.ts';
import { type BenchRow, median } from './table.ts';

const HEALTH = '127.0.0.1:9480';
const START_MS = 30_000;
const MIB = 2 ** 20;
/** What the processes of a container find without being in its image. */
const MOUNTED = ['proc', 'dev', 'tmp'];

export function missingImageBuilder(): string | undefined {
  if (spawnSync('docker', ['info']).status === 0) return undefined;
  const none = missingProgram('podman') !== undefined && missingProgram('buildah') !== undefined;
  return none ? 'needs docker with a running engine, podman or buildah' : undefined;
}

/** @param archive of the image, as `docker save` makes it */
export async function benchImage(archive: string, runs: number): Promise<BenchRow[]> {
  const folder = mkdtempSync('/run/image-');
  try {
    const root = unpack(archive, folder);
    const times: number[] = [];
    for (let run = 0; run < runs; run++) times.push(await startMs(root));
    const packed = execFileSync('sh', ['-c', 'gzip -c "$1" | wc -c', 'sh', archive], { encoding: 'utf8' });
    const row = (name: string, unit: string, values: readonly number[]): BenchRow => ({
      name: `image: ${name}`,
      unit,
      value: Number(median(values).toFixed(1)),
      runs: values.length,
    });
    return [
      row('size', 'MiB', [statSync(archive).size / MIB]),
      row('size, compressed', 'MiB', [Number(packed) / MIB]),
      row('start of a controller until it is healthy', 'ms', times),
    ];
  } finally {
    for (const name of MOUNTED) spawnSync('umount', ['--lazy', join(folder, 'root', name)]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns the file system that a container would see */
function unpack(archive: string, folder: string): string {
  const layers = join(folder, 'layers');
  const root = join(folder, 'root');
  for (const path of [layers, ...MOUNTED.map((name) => join(root, name))]) mkdirSync(path, { recursive: true });
  execFileSync('tar', ['-xf', archive, '-C', layers]);
  const [image] = JSON.parse(readFileSync(join(layers, 'manifest.json'), 'utf8')) as { Layers: string[] }[];
  for (const layer of image?.Layers ?? []) execFileSync('tar', ['-xf', join(layers, layer), '-C', root]);
  rmSync(layers, { recursive: true });
  for (const name of ['proc', 'dev']) execFileSync('mount', ['--rbind', `/${name}`, join(root, name)]);
  execFileSync('mount', ['-t', 'tmpfs', 'tmp', join(root, 'tmp')]);
  return root;
}

/** Neither etcd nor a manifest is there: a controller is healthy without. */
async function startMs(root: string): Promise<number> {
  const options = [
    '--id=c1',
    '--node-name=node-1',
    '--listen=127.0.0.1:7480',
    '--etcd=http://127.0.0.1:2379',
    '--source=dir:/tmp',
    '--state-dir=/tmp/state',
    `--metrics-listen=${HEALTH}`,
  ];
  const startedAt = performance.now();
  const program = ['node', '/opt/vippool/dist/bin/vippool.js', 'controller', ...options];
  const child = spawn('chroot', [root, ...program], {
    stdio: 'ignore',
    env: { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  const exited = new Promise((resolve) => child.once('close', resolve));
  try {
    const healthy = async (): Promise<boolean> =>
      (await fetch(`http://${HEALTH}/healthz`).catch(() => undefined))?.ok ?? false;
    await waitFor('a controller from the image to be healthy', healthy, START_MS);
    return performance.now() - startedAt;
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}
