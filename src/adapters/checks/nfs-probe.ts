import type { NfsProbe as NfsCheck } from '../../core/checks.ts';
import type { Probe } from '../../ports/check-probe.ts';
import type { Random } from '../../ports/random.ts';
import { endpointText } from './endpoint.ts';
import { AuthRejected, encodeCall, readRecord, resultsOf } from './onc-rpc.ts';
import { passed } from './outcome.ts';
import { converse, type Wire, WrongAnswer } from './wire.ts';
import { encodeWords, type XdrReader } from './xdr.ts';

const NFS_PROGRAM = 100_003;
const NULL = 0;
const COMPOUND = 1;
const OP_PUTROOTFH = 24;

const NFS4_OK = 0;
/** What else a server answers that is well (nfsstat4, RFC 7530): each says that it understood and works. */
const WELL = new Map([
  [1, 'NFS4ERR_PERM'],
  [13, 'NFS4ERR_ACCESS'],
  [10_013, 'NFS4ERR_GRACE'],
  [10_016, 'NFS4ERR_WRONGSEC'],
  [10_021, 'NFS4ERR_MINOR_VERS_MISMATCH'],
]);
const ILL = new Map([
  [5, 'NFS4ERR_IO'],
  [10_006, 'NFS4ERR_SERVERFAULT'],
  [10_008, 'NFS4ERR_DELAY'],
  [10_018, 'NFS4ERR_RESOURCE'],
  [10_044, 'NFS4ERR_OP_ILLEGAL'],
]);

/** tag, minor version 0, one operation. More than the root would need a port below 1024 on many servers. */
const PUT_ROOT = encodeWords(0, 0, 1, OP_PUTROOTFH);

/** Asks an NFS server for each version that it should serve, one after the other on one connection. */
export class NfsProbe implements Probe<NfsCheck> {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  readonly run: Probe<NfsCheck>['run'] = (probe, { timeoutMs, node }, signal) =>
    converse(probe, timeoutMs, signal, async (wire) => {
      const answers: string[] = [];
      for (const version of probe.versions) {
        const remark = version === 3 ? await this.#askVersion3(wire) : await this.#askVersion4(wire, node);
        answers.push(`NFS ${version}${remark === '' ? '' : ` (${remark})`}`);
      }
      return passed(`${endpointText(probe)} serves ${answers.join(' and ')}`);
    });

  async #askVersion3(wire: Wire): Promise<string> {
    const call = { xid: this.#xid(), version: 3 };
    wire.write(encodeCall({ ...call, program: NFS_PROGRAM, procedure: NULL, args: Buffer.alloc(0) }));
    resultsOf(await readRecord(wire), call);
    return '';
  }

  async #askVersion4(wire: Wire, host: string): Promise<string> {
    const call = { xid: this.#xid(), version: 4 };
    wire.write(encodeCall({ ...call, program: NFS_PROGRAM, procedure: COMPOUND, host, args: PUT_ROOT }));
    try {
      return compoundRemark(resultsOf(await readRecord(wire), call));
    } catch (error) {
      // It serves those that have a ticket.
      if (error instanceof AuthRejected && error.reason === 'AUTH_TOOWEAK') return error.reason;
      throw error;
    }
  }

  #xid(): number {
    return Number.parseInt(this.#random.hex(4), 16);
  }
}

/** What there is to say about the answer to a COMPOUND of PUTROOTFH; empty text where all is as usual. */
export function compoundRemark(results: XdrReader): string {
  const status = results.word();
  if (status !== NFS4_OK) {
    const well = WELL.get(status);
    if (well !== undefined) return well;
    throw new WrongAnswer(`has no root directory to give for NFS 4 (${ILL.get(status) ?? `nfsstat4 ${status}`})`);
  }
  results.skipOpaque();
  const operations = results.word();
  if (operations !== 1 || results.word() !== OP_PUTROOTFH || results.word() !== NFS4_OK) {
    throw new WrongAnswer('answers another COMPOUND of NFS 4 than it was asked');
  }
  return '';
}
