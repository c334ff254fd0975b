import { isListening, type ServerProcess, startServer } from './server-process.ts';

export interface WrongAnswerOptions {
  /** File of the network namespace ("/proc/PID/ns/net"); default that of this process. */
  readonly netns?: string;
  readonly port: number;
  /** What every connection is told as soon as it says something. Default what a web server says of nonsense. */
  readonly bytes?: Uint8Array;
}

const PROGRAM = `
import { createServer } from 'node:net';
const [port, hex] = process.argv.slice(1);
createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', () => socket.write(Buffer.from(hex, 'hex')));
}).listen(Number(port));
`;

/** A server that listens where a service should, on all addresses, and answers something else. */
export function startWrongAnswer({ netns, port, bytes }: WrongAnswerOptions): Promise<ServerProcess> {
  const answer = Buffer.from(bytes ?? Buffer.from('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'));
  return startServer({
    argv: [process.execPath, '--input-type=module', '-e', PROGRAM, String(port), answer.toString('hex')],
    ready: (pid) => isListening(pid, port),
    ...(netns !== undefined && { netns }),
  });
}
