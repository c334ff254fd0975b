import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { FakeMachine } from '../fixture.ts';
import { fromDebian } from './debian.ts';

const request = { name: 'widget', minVersion: '1.2.0' };
let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.dispose());

/** A dpkg-deb that "unpacks" a widget of the version. */
function fakeDpkg(version: string): void {
  machine.script(
    join(machine.bin, 'dpkg-deb'),
    `PATH=/usr/bin:/bin; mkdir -p "$3/usr/bin"; printf '#!/bin/sh\\necho ${version}\\n' > "$3/usr/bin/widget"; chmod +x "$3/usr/bin/widget"`,
  );
}

const fakeApt = (body: string): string => machine.script(join(machine.bin, 'apt-get'), body);

describe("the distribution's package", () => {
  it('is unpacked into the cache under the version it has', async () => {
    fakeApt('[ "$1 $2" = "download widget-server" ] && : > widget-server_1.4.2.deb');
    fakeDpkg('1.4.2');
    expect(await fromDebian(machine.context(), request)).toEqual({
      kind: 'found',
      tool: {
        name: 'widget',
        path: join(machine.cacheDir, 'widget', '1.4.2', 'widget'),
        version: '1.4.2',
        source: 'Debian package',
      },
    });
  });

  it('is fetched again after the lists were updated', async () => {
    const updated = join(machine.dir, 'updated');
    fakeApt(`if [ "$1" = update ]; then : > ${updated}; else [ -e ${updated} ] && : > widget-server.deb; fi`);
    fakeDpkg('1.4.2');
    expect((await fromDebian(machine.context(), request)).kind).toBe('found');
  });

  it('that is too old for the request is not taken', async () => {
    fakeApt(': > widget-server.deb');
    fakeDpkg('1.1.0');
    expect(await fromDebian(machine.context(), request)).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('is version 1.1.0, older than 1.2.0'),
    });
  });

  it('says that apt-get is missing', async () => {
    expect(await fromDebian(machine.context(), request)).toEqual({
      kind: 'none',
      reason: 'the program "apt-get" is not on PATH',
    });
  });

  it('repeats what apt-get said', async () => {
    fakeApt('echo "E: Unable to locate package widget-server" >&2; exit 100');
    expect(await fromDebian(machine.context(), request)).toMatchObject({
      reason: 'apt-get download failed: E: Unable to locate package widget-server',
    });
  });
});
