import type { SmbProbe as SmbCheck } from '../../core/checks.ts';
import type { Probe } from '../../ports/check-probe.ts';
import type { Random } from '../../ports/random.ts';
import { endpointText } from './endpoint.ts';
import { passed } from './outcome.ts';
import { dialectIn, encodeNegotiate, NONCE_BYTES } from './smb-negotiate.ts';
import { converse, type Wire, WrongAnswer } from './wire.ts';

const SESSION_MESSAGE = 0x00;
const NEGATIVE_SESSION_RESPONSE = 0x83;
/** Far more than any answer to NEGOTIATE. */
const MESSAGE_BYTES = 16 * 1024;

/** Negotiates a dialect with an SMB server, and goes no further: nobody logs in. */
export class SmbProbe implements Probe<SmbCheck> {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  readonly run: Probe<SmbCheck>['run'] = (probe, { timeoutMs }, signal) =>
    converse(probe, timeoutMs, signal, async (wire) => {
      wire.write(encodeNegotiate(Buffer.from(this.#random.hex(NONCE_BYTES), 'hex')));
      return passed(`${endpointText(probe)} speaks SMB ${dialectIn(await readMessage(wire))}`);
    });
}

/** The next session message (RFC 1002 4.3, with the longer length of SMB over TCP). */
async function readMessage(wire: Pick<Wire, 'read'>): Promise<Buffer> {
  let header: Buffer;
  try {
    header = await wire.read(4);
  } catch (error) {
    if (!(error instanceof WrongAnswer)) throw error;
    throw new WrongAnswer(`${error.message}, as one does that speaks SMB 1 only`);
  }
  const type = header.readUInt8(0);
  const length = header.readUIntBE(1, 3);
  if (type === NEGATIVE_SESSION_RESPONSE) throw new WrongAnswer('refuses the NetBIOS session');
  if (type !== SESSION_MESSAGE || length > MESSAGE_BYTES) {
    throw new WrongAnswer('sent something that is no answer of SMB');
  }
  return wire.read(length);
}
