import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * A private network namespace with nothing but a loopback interface. It lives as long as a process that waits for the
 * end of our input, so it vanishes with us, however we end.
 */
export class HostNamespace {
  readonly #holder: ChildProcess;
  /** Names the namespace in `ip link ... netns PID`. */
  readonly pid: number;

  private constructor(holder: ChildProcess, pid: number) {
    this.#holder = holder;
    this.pid = pid;
  }

  /** Why there can be none here; undefined where there can. */
  static missing(): string | undefined {
    if (process.getuid?.() !== 0) return 'root (network namespaces)';
    try {
      execFileSync('unshare', ['--net', 'ip', 'link', 'show', 'lo'], { stdio: 'pipe' });
      return undefined;
    } catch {
      return 'network namespaces, or unshare (util-linux) and ip (iproute2)';
    }
  }

  static async create(): Promise<HostNamespace> {
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo ready && exec cat >/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ready = once(holder.stdout, 'data');
    const failed = once(holder, 'exit').then(() => Promise.reject(new Error('no network namespace')));
    await Promise.race([ready, failed]);
    failed.catch(() => undefined);
    if (holder.pid === undefined) throw new Error('no network namespace');
    return new HostNamespace(holder, holder.pid);
  }

  /** File that stands for the namespace. */
  get netns(): string {
    return `/proc/${this.pid}/ns/net`;
  }

  /** Command line that runs `command` inside. */
  inside(...command: readonly string[]): [string, string[]] {
    return ['nsenter', [`--net=${this.netns}`, ...command]];
  }

  /** Runs a command inside and returns its output; throws where it fails. */
  run(...command: readonly string[]): string {
    const [file, args] = this.inside(...command);
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** `ip` with these words ("link set eth0 up"). */
  ip(words: string): string {
    return this.run('ip', ...words.split(' '));
  }

  /** Many `ip` commands by one process, one per line. */
  ipBatch(lines: readonly string[]): void {
    const [file, args] = this.inside('ip', '-batch', '-');
    execFileSync(file, args, { input: lines.join('\n'), stdio: ['pipe', 'pipe', 'pipe'] });
  }

  /** Output of `ip -json` with these words. */
  ipJson<T>(words: string): T[] {
    const text = this.run('ip', '-json', ...words.split(' '));
    return text.trim() === '' ? [] : (JSON.parse(text) as T[]);
  }

  async close(): Promise<void> {
    const gone = once(this.#holder, 'exit');
    this.#holder.stdin?.end();
    await gone;
  }
}
