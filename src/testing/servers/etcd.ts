import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer, urlHost, withFreePorts } from './server-process.ts';

export interface EtcdOptions {
  /** Path or name of the etcd binary. */
  readonly binary: string;
  /** Default 127.0.0.1. */
  readonly bindAddress?: string;
  /** Client port; default a free one. Give it to bring a stopped server back where its clients look for it. */
  readonly port?: number;
  /** Kept after stop(); default a new directory that stop() removes. */
  readonly dataDir?: string;
  /** Serves https, and only to clients with a certificate. PEM files. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string; readonly authorities: string };
}

export interface EtcdServer {
  /** "http://127.0.0.1:PORT", or https */
  readonly endpoint: string;
  readonly port: number;
  readonly pid: number;
  logTail(): string;
  /** SIGTERM, wait for the end, remove the data directory unless the caller named one. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL instead; removes the same. */
  kill(): Promise<void>;
}

/** Starts a single etcd member and waits until it is healthy. */
export async function startEtcd(options: EtcdOptions): Promise<EtcdServer> {
  const address = options.bindAddress ?? '127.0.0.1';
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'vippool-etcd-')));
  const clean = async (): Promise<void> => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  try {
    return await withFreePorts(address, 3, async ([freeClientPort = 0, peerPort = 0, metricsPort = 0]) => {
      const port = options.port ?? freeClientPort;
      const { tls } = options;
      const endpoint = `${tls ? 'https' : 'http'}://${urlHost(address)}:${port}`;
      const peer = `http://${urlHost(address)}:${peerPort}`;
      const metrics = `http://${urlHost(address)}:${metricsPort}`;
      const server = await startServer({
        argv: [
          options.binary,
          '--name=test',
          `--data-dir=${dataDir}`,
          `--listen-client-urls=${endpoint}`,
          `--advertise-client-urls=${endpoint}`,
          `--listen-metrics-urls=${metrics}`,
          ...(tls
            ? [
                `--cert-file=${tls.certificate}`,
                `--key-file=${tls.privateKey}`,
                `--trusted-ca-file=${tls.authorities}`,
                '--client-cert-auth',
              ]
            : []),
          `--listen-peer-urls=${peer}`,
          `--initial-advertise-peer-urls=${peer}`,
          `--initial-cluster=test=${peer}`,
          // Tests lose no data in a power cut, and shared disks make syncs slow.
          '--unsafe-no-fsync',
          '--log-level=warn',
        ],
        ready: async () => (await fetch(`${metrics}/health`, { signal: AbortSignal.timeout(2_000) })).ok,
      });
      return {
        endpoint,
        port,
        pid: server.pid,
        logTail: () => server.logTail(),
        stop: () => server.stop().then(clean),
        kill: () => server.kill().then(clean),
      };
    });
  } catch (error) {
    await clean();
    throw error;
  }
}
