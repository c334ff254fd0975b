import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Catalog } from './catalog.ts';
import type { ToolContext } from './context.ts';

/** A machine of its own for one test: an empty PATH but for what tests put there, an empty cache, a local server. */
export class FakeMachine {
  readonly dir = mkdtempSync(join(tmpdir(), 'vippool-tools-'));
  readonly bin = join(this.dir, 'bin');
  readonly cacheDir = join(this.dir, 'cache');
  readonly lines: string[] = [];
  readonly env: Record<string, string> = { PATH: this.bin };
  #stops: (() => Promise<void>)[] = [];

  constructor() {
    mkdirSync(this.bin);
    mkdirSync(join(this.dir, 'modules', 'widget'), { recursive: true });
    for (const program of ['tar', 'gzip', 'nice']) {
      const path = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
      symlinkSync(path, join(this.bin, program));
    }
  }

  context(overrides: Partial<ToolContext> = {}): ToolContext {
    return {
      env: this.env,
      catalog: catalog(),
      cacheDir: this.cacheDir,
      goModulesDir: join(this.dir, 'modules'),
      arch: 'amd64',
      connectTimeoutMs: 2_000,
      stallTimeoutMs: 2_000,
      report: (line) => this.lines.push(line),
      ...overrides,
    };
  }

  /** Writes an executable shell script. */
  script(path: string, body: string): string {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /** A program that prints the version, and nothing else. */
  widget(path: string, version: string): string {
    return this.script(path, `echo widget v${version}`);
  }

  /** A `go` that "builds" a widget of the version, and writes its arguments to go.log. */
  fakeGo(version: string): void {
    this.script(
      join(this.bin, 'go'),
      `if [ "$1" = version ]; then echo go version go9.9.9; exit 0; fi
echo "$CGO_ENABLED $*" >> ${this.dir}/go.log
for argument; do [ "$previous" = -o ] && out=$argument; previous=$argument; done
printf '#!/bin/sh\\necho widget v${version}\\n' > "$out"`,
    );
  }

  goCalls(): string[] {
    return readFileSync(join(this.dir, 'go.log'), 'utf8').trim().split('\n');
  }

  /** Packs widget and gadget of the version as a release archive. */
  archive(version: string): { readonly bytes: Buffer; readonly checksum: string } {
    const root = join(this.dir, 'release');
    this.widget(join(root, 'kit', 'widget'), version);
    this.widget(join(root, 'kit', 'gadget'), version);
    execFileSync('tar', ['-czf', join(this.dir, 'kit.tar.gz'), '-C', root, 'kit']);
    const bytes = readFileSync(join(this.dir, 'kit.tar.gz'));
    return { bytes, checksum: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
  }

  /** Serves releases on a port of the loopback interface, and points the base URL there. */
  async serve(listener: RequestListener): Promise<void> {
    const server = createServer(listener);
    await new Promise<void>((listening) => {
      server.listen(0, '127.0.0.1', listening);
    });
    this.env['VIPPOOL_TOOLS_BASE_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#stops.push(async () => {
      server.closeAllConnections();
      await new Promise((closed) => {
        server.close(closed);
      });
    });
  }

  async dispose(): Promise<void> {
    for (const stop of this.#stops) await stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Two invented tools: a widget that can come from anywhere, and a gadget from the same archive. */
export function catalog(checksum = 'sha256:00'): Catalog {
  return {
    archives: { kit: { version: '2.0.0', path: '/kit/v{version}-{arch}.tar.gz', checksums: { amd64: checksum } } },
    modules: { widget: { version: '3.0.0', ldflags: '-X version={version}' } },
    tools: {
      widget: {
        minVersion: '1.2.0',
        versionArgs: ['--version'],
        release: { archive: 'kit', member: 'kit/widget' },
        goBuild: { module: 'widget', package: 'example.test/widget' },
        debian: { package: 'widget-server', member: 'usr/bin/widget' },
      },
      gadget: { minVersion: '1.2.0', versionArgs: [], release: { archive: 'kit', member: 'kit/gadget' } },
    },
  };
}
