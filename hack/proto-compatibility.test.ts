import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from './source/files.ts';

const BUF = join(REPOSITORY, 'node_modules/.bin/buf');

describe('the check of the wire format against proto/baseline.binpb', () => {
  let copy: string;
  let proto: string;
  let original: string;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'vippool-proto-'));
    for (const name of ['buf.yaml', 'proto']) cpSync(join(REPOSITORY, name), join(copy, name), { recursive: true });
    proto = join(copy, 'proto/vippool/v1/agent.proto');
    original = readFileSync(proto, 'utf8');
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  const check = (from: string, to: string): { readonly status: number | null; readonly output: string } => {
    const changed = original.replace(from, to);
    if (from !== to) expect(changed).not.toBe(original);
    writeFileSync(proto, changed);
    const { status, stdout, stderr } = spawnSync(BUF, ['breaking', '--against', 'proto/baseline.binpb'], {
      cwd: copy,
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  };

  it.each([
    ['another number for a field', 'bool carrier = 3;', 'bool carrier = 33;'],
    ['another type of a field', 'bool carrier = 3;', 'uint32 carrier = 3;'],
    ['a field that is gone', 'string agent_version = 7;', ''],
    ['a message that is gone from a stream', 'Goodbye goodbye = 5;', ''],
  ])('finds %s', (_, from, to) => {
    const { status, output } = check(from, to);
    expect(status).not.toBe(0);
    expect(output).toContain('proto/vippool/v1/agent.proto');
  });

  it('allows the format as it is, and a new field', () => {
    expect(check('', '')).toEqual({ status: 0, output: '' });
    const field = 'string agent_version = 7;';
    expect(check(field, `${field}\n  string architecture = 99;`)).toEqual({ status: 0, output: '' });
  });
});
