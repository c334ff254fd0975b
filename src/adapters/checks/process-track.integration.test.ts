import { readdirSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeWith, missingLinux } from '../../testing/requirements.ts';
import { ProcessTrack } from './process-track.ts';

const openFiles = (): number => readdirSync('/proc/self/fd').length;

describeWith(missingLinux(), 'processes that are followed', () => {
  it('hold one file each until they are let go', () => {
    const before = openFiles();
    const track = new ProcessTrack({ watch: () => () => undefined }, () => undefined);
    expect(track.add(process.pid, () => true)).toBe(true);
    expect([track.living(), openFiles()]).toEqual([[process.pid], before + 1]);
    track.close();
    expect([track.living(), openFiles(), track.takeEnd()]).toEqual([[], before, false]);
  });

  it('are none where they are another process by now, a thread of one, or none at all', () => {
    const before = openFiles();
    const track = new ProcessTrack({ watch: () => () => undefined }, () => undefined);
    expect(track.add(process.pid, () => false)).toBe(false);
    expect(track.add(2 ** 22 + 1, () => true)).toBe(false);
    const thread = readdirSync('/proc/self/task')
      .map(Number)
      .find((id) => id !== process.pid);
    expect(track.add(thread ?? 0, () => true)).toBe(false);
    expect([track.living(), openFiles()]).toEqual([[], before]);
  });

  it('are there all the same when nobody can watch them', () => {
    const before = openFiles();
    const refuse = () => {
      throw new Error('no threads');
    };
    const track = new ProcessTrack({ watch: refuse }, () => undefined);
    expect(track.add(process.pid, () => true)).toBe(true);
    expect([track.living(), openFiles()]).toEqual([[], before]);
  });
});
