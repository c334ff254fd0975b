/** posix_spawn: unlike fork() it does not copy the address space, so it costs the same in a big process as in a small one. */
import koffi from 'koffi';
import { CallError } from './sys.ts';

const libc = koffi.load(null);
const attrInit = libc.func('int posix_spawnattr_init(void*)');
const attrFlags = libc.func('int posix_spawnattr_setflags(void*, short)');
const attrMask = libc.func('int posix_spawnattr_setsigmask(void*, void*)');
const attrDefault = libc.func('int posix_spawnattr_setsigdefault(void*, void*)');
const filesInit = libc.func('int posix_spawn_file_actions_init(void*)');
const filesDestroy = libc.func('int posix_spawn_file_actions_destroy(void*)');
const filesDuplicate = libc.func('int posix_spawn_file_actions_adddup2(void*, int, int)');
const spawnCall = libc.func('int posix_spawn(void*, str, void*, void*, const char**, const char**)');

/** More than the opaque structures take in any libc. */
const OPAQUE_BYTES = 1_024;
const SIGNAL_SET_BYTES = 128;
const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;

const checked = (call: string, errno: number): void => {
  if (errno !== 0) throw new CallError(call, errno);
};

/** The same for every program, so they are made once: a session of its own, nothing blocked, every signal as usual. */
const attributes = once(() => {
  const made = Buffer.alloc(OPAQUE_BYTES);
  checked('posix_spawnattr_init', attrInit(made));
  checked('setflags', attrFlags(made, SETSIGDEF | SETSIGMASK | SETSID));
  checked('setsigmask', attrMask(made, Buffer.alloc(SIGNAL_SET_BYTES)));
  checked('setsigdefault', attrDefault(made, standardSignals()));
  return made;
});
const files = once(() => Buffer.alloc(OPAQUE_BYTES));

/**
 * Starts a program in a session, and so a process group, of its own, with every signal at its default. Waits until the
 * program has been loaded. Throws CallError.
 *
 * @param argv the program's absolute path first
 * @param environment "NAME=value"
 * @param input becomes its standard input
 * @param output becomes its standard output and its standard error
 * @returns process id
 */
export function spawnProgram(
  argv: readonly string[],
  environment: readonly string[],
  input: number,
  output: number,
): number {
  const pid = new Int32Array(1);
  const actions = files();
  checked('posix_spawn_file_actions_init', filesInit(actions));
  try {
    for (const [file, as] of [
      [input, 0],
      [output, 1],
      [output, 2],
    ])
      checked('adddup2', filesDuplicate(actions, file, as));
    checked('posix_spawn', spawnCall(pid, argv[0], actions, attributes(), [...argv, null], [...environment, null]));
  } finally {
    filesDestroy(actions);
  }
  return pid[0] ?? 0;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** Signals 1 to 31; the others belong to the libc. */
function standardSignals(): Buffer {
  const set = Buffer.alloc(SIGNAL_SET_BYTES);
  set.writeUInt32LE(0x7fff_ffff, 0);
  return set;
}
