import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDrift } from './drift.ts';
import { GENERATORS } from './generators.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vippool-drift-'));
  mkdirSync(join(root, 'in'));
  mkdirSync(join(root, 'out', 'deep'), { recursive: true });
  writeFileSync(join(root, 'in', 'a'), 'new');
  writeFileSync(join(root, 'out', 'deep', 'a'), 'new');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const copyInput = (command = 'cp in/* out/deep/') => [
  {
    name: 'copy',
    command: ['sh', '-c', `rm -rf out && mkdir -p out/deep && ${command}`],
    outputs: ['out'],
    input: 'in',
  },
];

describe('generated files', () => {
  it('that are as generated have not drifted', () => {
    expect(findDrift(copyInput(), root)).toEqual([]);
  });

  it('that differ, are missing or are left over have drifted, and are left alone', () => {
    writeFileSync(join(root, 'in', 'b'), 'b');
    writeFileSync(join(root, 'out', 'deep', 'a'), 'old');
    writeFileSync(join(root, 'out', 'c'), 'c');
    expect(findDrift(copyInput(), root)).toEqual([
      'out/c is not generated any more',
      'out/deep/a differs from what is generated',
      'out/deep/b is missing',
    ]);
    expect(readFileSync(join(root, 'out', 'deep', 'a'), 'utf8')).toBe('old');
    expect(existsSync(join(root, 'out', 'deep', 'b'))).toBe(false);
  });

  it('of a generator without input are not looked at', () => {
    const [generator] = copyInput('exit 1');
    expect(findDrift(generator === undefined ? [] : [{ ...generator, input: 'nowhere' }], root)).toEqual([]);
  });

  it('of a generator that fails are an error', () => {
    expect(() => findDrift(copyInput('exit 3'), root)).toThrow('generator copy failed: exit code 3');
  });

  it('have one owner each', () => {
    const outputs = GENERATORS.flatMap((generator) => generator.outputs);
    expect(new Set(outputs).size).toBe(outputs.length);
  });
});
