import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalog, TOOLS_DIR, type ToolSpec } from './catalog.ts';
import { FakeMachine } from './fixture.ts';
import { findTool, resolveTool } from './resolver.ts';

let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
  machine.env['VIPPOOL_TOOLS_BASE_URL'] = '';
});
afterEach(() => machine.dispose());

const resolve = (minVersion?: string) =>
  resolveTool('widget', { context: machine.context(), ...(minVersion === undefined ? {} : { minVersion }) });

describe('the order', () => {
  it('is variable, KUBEBUILDER_ASSETS, PATH, cache', async () => {
    machine.widget(join(machine.cacheDir, 'widget', '1.2.0', 'widget'), '1.2.0');
    expect((await resolve()).source).toBe('cache');
    machine.widget(join(machine.bin, 'widget'), '1.2.0');
    expect((await resolve()).source).toBe('PATH');
    machine.widget(join(machine.dir, 'assets', 'widget'), '1.2.0');
    machine.env['KUBEBUILDER_ASSETS'] = join(machine.dir, 'assets');
    expect((await resolve()).source).toBe('KUBEBUILDER_ASSETS');
    machine.env['VIPPOOL_WIDGET'] = machine.widget(join(machine.dir, 'mine'), '1.2.0');
    expect((await resolve()).source).toBe('variable');
  });

  it('then release, go build, Debian package', async () => {
    machine.script(join(machine.bin, 'apt-get'), 'exit 1');
    machine.fakeGo('3.0.0');
    expect((await resolve()).source).toBe('go build');
    expect(machine.lines[0]).toBe('widget: release: VIPPOOL_TOOLS_BASE_URL is empty: downloads are off');
    expect(machine.lines.at(-1)).toMatch(/^widget 3\.0\.0 by go build in \d+\.\d s$/);
  });

  it('passes over what is too old for this request', async () => {
    machine.widget(join(machine.bin, 'widget'), '1.5.0');
    machine.fakeGo('3.0.0');
    expect((await resolve()).version).toBe('1.5.0');
    expect((await resolve('1.6.0')).version).toBe('3.0.0');
  });

  it('ends at a variable that names no such program', async () => {
    machine.widget(join(machine.bin, 'widget'), '1.5.0');
    machine.env['VIPPOOL_WIDGET'] = '/nowhere';
    await expect(resolve()).rejects.toThrow('widget: VIPPOOL_WIDGET: /nowhere is not an executable file');
  });
});

describe('two runs at once', () => {
  it('build once', async () => {
    machine.fakeGo('3.0.0');
    const tools = await Promise.all([resolve(), resolve()]);
    expect(tools.map((tool) => tool.source).sort()).toEqual(['cache', 'go build']);
    expect(machine.goCalls()).toHaveLength(1);
  });

  it('do not wait for ever for one that failed', async () => {
    const results = await Promise.allSettled([resolve(), resolve()]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  });
});

describe('a tool that cannot be had', () => {
  it('is reported with every step and what would help', async () => {
    const message = await resolve().catch((error: Error) => error.message);
    expect(message).toContain('widget >= 1.2.0 is missing and could not be installed:');
    expect(message).toContain('variable           VIPPOOL_WIDGET is not set');
    expect(message).toContain('PATH               no widget on PATH');
    expect(message).toContain('go build           the program "go" is not on PATH');
    expect(message).toContain('Debian package     the program "apt-get" is not on PATH');
    expect(message).toContain('set VIPPOOL_WIDGET=/path/to/widget');
    expect(message).toContain('Go >= 1.26');
  });

  it('is not installed by a lookup', () => {
    machine.fakeGo('3.0.0');
    expect(findTool('widget', { context: machine.context() })).toBe(
      'widget >= 1.2.0 is missing (make tools installs it, VIPPOOL_WIDGET names your own)',
    );
  });
});

describe('versions.json', () => {
  const catalog = loadCatalog();

  const ours = ({ goBuild }: ToolSpec): boolean => goBuild?.package === '.' && goBuild.versionOf === undefined;
  const pinned = Object.entries(catalog.modules).filter(
    ([name]) => !Object.values(catalog.tools).some((tool) => tool.goBuild?.module === name && ours(tool)),
  );

  it.each(pinned)('agrees with the go.mod of %s', (name, module) => {
    const text = readFileSync(join(TOOLS_DIR, name, 'go.mod'), 'utf8');
    const build = Object.values(catalog.tools).find((tool) => tool.goBuild?.module === name)?.goBuild;
    const required = build?.versionOf ?? build?.package ?? '';
    const line = text.split('\n').find((candidate) => {
      const [path, version] = candidate
        .replace(/^require/, '')
        .trim()
        .split(' ');
      return version?.startsWith('v') && path !== undefined && required.startsWith(path);
    });
    expect(line?.trim()).toContain(` v${module.version}`);
  });

  it('names known archives and modules', () => {
    for (const tool of Object.values(catalog.tools)) {
      const archive = tool.release === undefined ? undefined : catalog.archives[tool.release.archive];
      const module = tool.goBuild === undefined ? undefined : catalog.modules[tool.goBuild.module];
      expect(tool.release === undefined || archive !== undefined).toBe(true);
      expect(tool.goBuild === undefined || module !== undefined).toBe(true);
    }
  });

  it.each(Object.values(catalog.archives).flatMap(({ checksums }) => Object.values(checksums)))(
    'has whole checksums: %s',
    (checksum) => {
      expect(checksum).toMatch(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/);
    },
  );
});
