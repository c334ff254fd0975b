/** Remote procedure calls over TCP: ONC RPC version 2 (RFC 5531) with its record marking. */
import { encodeOpaque, encodeWords, XdrReader } from './xdr.ts';
import { type Wire, WrongAnswer } from './wire.ts';

const CALL = 0;
const REPLY = 1;
const RPC_VERSION = 2;
const ACCEPTED = 0;
const AUTH_NONE = 0;
const AUTH_SYS = 1;
const NOBODY = 65_534;
const LAST_FRAGMENT = 0x8000_0000;
/** Far more than any answer to what is asked here. */
const RECORD_BYTES = 16 * 1024;
const FRAGMENTS = 64;

const ACCEPT_STAT = {
  SUCCESS: 0,
  PROG_UNAVAIL: 1,
  PROG_MISMATCH: 2,
  PROC_UNAVAIL: 3,
  GARBAGE_ARGS: 4,
  SYSTEM_ERR: 5,
} as const;

const RPC_MISMATCH = 0;
const AUTH_ERROR = 1;

/** auth_stat, RFC 5531 section 9. */
const AUTH_STATS = [
  'AUTH_OK',
  'AUTH_BADCRED',
  'AUTH_REJECTEDCRED',
  'AUTH_BADVERF',
  'AUTH_REJECTEDVERF',
  'AUTH_TOOWEAK',
  'AUTH_INVALIDRESP',
  'AUTH_FAILED',
];

export interface RpcCall {
  /** Any number of 32 bits; the reply repeats it. */
  readonly xid: number;
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  /** Name of this host, for a call as nobody (AUTH_SYS); undefined: without credentials. */
  readonly host?: string;
  /** Already encoded. */
  readonly args: Uint8Array;
}

/** The server rejects who we say we are. */
export class AuthRejected extends WrongAnswer {
  /** "AUTH_TOOWEAK" */
  readonly reason: string;

  constructor(reason: string) {
    super(`rejects the credentials of the call (${reason})`);
    this.reason = reason;
  }
}

/** A call as one record. */
export function encodeCall({ xid, program, version, procedure, host, args }: RpcCall): Buffer {
  const message = Buffer.concat([
    encodeWords(xid, CALL, RPC_VERSION, program, version, procedure),
    host === undefined ? encodeWords(AUTH_NONE, 0) : sysCredentials(host),
    encodeWords(AUTH_NONE, 0),
    args,
  ]);
  return Buffer.concat([encodeWords((LAST_FRAGMENT | message.length) >>> 0), message]);
}

function sysCredentials(host: string): Buffer {
  const body = Buffer.concat([encodeWords(0), encodeOpaque(Buffer.from(host)), encodeWords(NOBODY, NOBODY, 0)]);
  return Buffer.concat([encodeWords(AUTH_SYS), encodeOpaque(body)]);
}

/** The next record, joined from its fragments. */
export async function readRecord(wire: Pick<Wire, 'read'>): Promise<Buffer> {
  const fragments: Buffer[] = [];
  let length = 0;
  for (let last = false; !last;) {
    const mark = (await wire.read(4)).readUInt32BE(0);
    last = mark >= LAST_FRAGMENT;
    const size = last ? mark - LAST_FRAGMENT : mark;
    length += size;
    if (length > RECORD_BYTES || fragments.length === FRAGMENTS) {
      throw new WrongAnswer(`sent something that is no answer of ONC RPC (a record of ${length} bytes)`);
    }
    fragments.push(await wire.read(size));
  }
  return Buffer.concat(fragments);
}

/** The results of a call that succeeded. Throws WrongAnswer for every other reply. */
export function resultsOf(record: Buffer, { xid, version }: Pick<RpcCall, 'xid' | 'version'>): XdrReader {
  const reply = new XdrReader(record);
  if (reply.word() !== xid) throw new WrongAnswer('answers a call that was not made (another xid)');
  if (reply.word() !== REPLY) throw new WrongAnswer('sent something that is no reply of ONC RPC');
  if (reply.word() !== ACCEPTED) throw denied(reply);
  reply.word();
  reply.skipOpaque();
  const stat = reply.word();
  if (stat !== ACCEPT_STAT.SUCCESS) throw notExecuted(stat, version, reply);
  return reply;
}

function denied(reply: XdrReader): WrongAnswer {
  switch (reply.word()) {
    case RPC_MISMATCH:
      return new WrongAnswer(`speaks versions ${reply.word()} to ${reply.word()} of ONC RPC, not 2`);
    case AUTH_ERROR: {
      const stat = reply.word();
      return new AuthRejected(AUTH_STATS[stat] ?? `auth_stat ${stat}`);
    }
    default:
      return new WrongAnswer('denies the call for no known reason');
  }
}

function notExecuted(stat: number, version: number, reply: XdrReader): WrongAnswer {
  switch (stat) {
    case ACCEPT_STAT.PROG_UNAVAIL:
      return new WrongAnswer('speaks ONC RPC, but serves no NFS');
    case ACCEPT_STAT.PROG_MISMATCH:
      return new WrongAnswer(`does not serve NFS ${version}: it serves versions ${reply.word()} to ${reply.word()}`);
    case ACCEPT_STAT.PROC_UNAVAIL:
      return new WrongAnswer(`does not know the procedure (NFS ${version})`);
    case ACCEPT_STAT.GARBAGE_ARGS:
      return new WrongAnswer(`could not read the call (NFS ${version})`);
    case ACCEPT_STAT.SYSTEM_ERR:
      return new WrongAnswer(`has a problem of its own (SYSTEM_ERR, NFS ${version})`);
    default:
      return new WrongAnswer(`does not execute the call (accept_stat ${stat}, NFS ${version})`);
  }
}
