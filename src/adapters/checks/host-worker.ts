/**
 * The thread that looks after processes: it starts programs and waits for the ends of theirs and of others. A thread,
 * since the start of a program waits for it to be loaded, which on a host without idle processors takes long. It sleeps
 * in one system call and is woken by a pipe.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { HostCommand, HostEvent, HostWorkerData } from './host-messages.ts';
import { OrphanReaper } from './orphan-reaper.ts';
import { ProgramRecord, type ProgramRecordPlace } from './program-record.ts';
import { ProgramTable } from './program-table.ts';
import { adoptOrphans, closeFile, readSome, waitReadable } from './sys.ts';

/** How soon what the kernel does not tell is looked at again. */
const RESTLESS_MS = 20;
const FOR_EVER = -1;
/** So many times restless, a stop waits for what it has killed. */
const LAST_LOOKS = 25;

function run(port: MessagePort, { wakeFile, killed, record: place }: HostWorkerData): void {
  const post = (event: HostEvent): void => port.postMessage(event);
  const programs = new ProgramTable(recordAt(place), (id, report) => post({ kind: 'program', id, report }));
  const watched = new Map<number, number>();
  const orphans = new OrphanReaper();
  const drained = Buffer.alloc(4_096);
  const unwatch = (id: number): boolean => {
    const file = watched.get(id);
    if (file !== undefined) closeFile(file);
    return watched.delete(id);
  };
  adoptOrphans();
  // Counts down only once it is told to stop.
  for (let left = Infinity; left > 0; left--) {
    for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port)) {
      const command = got.message as HostCommand;
      switch (command.kind) {
        case 'spawn':
          programs.spawn(command.id, command.argv, command.environment);
          break;
        case 'signal':
          programs.signal(command.id, command.signal);
          break;
        case 'watch':
          watched.set(command.id, command.file);
          break;
        case 'unwatch':
          unwatch(command.id);
          break;
        case 'stop':
          programs.killAll();
          Atomics.store(killed, 0, 1);
          Atomics.notify(killed, 0);
          for (const id of watched.keys()) unwatch(id);
          left = command.reap ? LAST_LOOKS : 0;
      }
    }
    const stopping = left <= LAST_LOOKS;
    if (left === 0 || (stopping && programs.size === 0 && !programs.restless)) return;
    const files = [wakeFile, ...watched.values(), ...programs.files];
    const restless = stopping || programs.restless || orphans.restless;
    const ready = waitReadable(files, restless ? RESTLESS_MS : FOR_EVER);
    if (ready.has(wakeFile)) while (readSome(wakeFile, drained) === drained.length);
    for (const [id, file] of watched) if (ready.has(file) && unwatch(id)) post({ kind: 'gone', id });
    programs.look(ready);
    orphans.look(ready.size === 0, (pid) => programs.has(pid));
  }
}

/** Without one programs are run all the same; the agent has told that there is none. */
function recordAt(place: ProgramRecordPlace | undefined): ProgramRecord | undefined {
  try {
    return place && ProgramRecord.open(place);
  } catch {
    return undefined;
  }
}

if (parentPort !== null) run(parentPort, workerData as HostWorkerData);
