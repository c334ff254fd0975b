import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface DownloadLimits {
  /** Until the headers are here. */
  readonly connectTimeoutMs: number;
  /** Between two chunks of the body. */
  readonly stallTimeoutMs: number;
}

/**
 * Fetches `url` into `file`, following redirects.
 *
 * @throws Error whose message is one line: no connection, no answer in time, a status other than 200, a body that
 * stops or is shorter than announced.
 */
export async function download(url: string, file: string, limits: DownloadLimits): Promise<void> {
  const abort = new AbortController();
  let why = '';
  let timer: NodeJS.Timeout | undefined;
  const giveUpAfter = (ms: number, reason: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      why = reason;
      abort.abort();
    }, ms);
  };
  try {
    giveUpAfter(limits.connectTimeoutMs, `no answer in ${limits.connectTimeoutMs / 1000} s`);
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`);
    const body = Readable.fromWeb(response.body);
    const stalled = `nothing more came for ${limits.stallTimeoutMs / 1000} s`;
    giveUpAfter(limits.stallTimeoutMs, stalled);
    body.on('data', () => giveUpAfter(limits.stallTimeoutMs, stalled));
    await pipeline(body, createWriteStream(file));
  } catch (error) {
    throw new Error(why === '' ? describe(error) : why, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** fetch hides what happened in the cause of its error. */
function describe(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  return [message ?? String(error), cause?.code ?? cause?.message].filter((part) => part !== undefined).join(': ');
}

/** Checks a file against `sha256:HEX` or `sha512:HEX`. */
export async function matchesChecksum(file: string, checksum: string): Promise<boolean> {
  const [algorithm, expected] = checksum.split(':');
  if (algorithm === undefined || expected === undefined || expected === '') return false;
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex') === expected.toLowerCase();
}
