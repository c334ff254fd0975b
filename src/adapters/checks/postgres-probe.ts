import type { PostgresProbe as PostgresCheck, ProbeOutcome } from '../../core/checks.ts';
import type { Probe, ProbeContext } from '../../ports/check-probe.ts';
import type { Random } from '../../ports/random.ts';
import { endpointText, messageOf } from './endpoint.ts';
import { failed, passed } from './outcome.ts';
import { readPassword } from './password-file.ts';
import { LoginWanted, logIn, PostgresRefusal } from './postgres-login.ts';
import {
  clientMessage,
  errorIn,
  notPostgres,
  PostgresReader,
  startup,
  tlsRequest,
  unexpected,
  valueIn,
} from './postgres-messages.ts';
import { ScramKeys } from './scram.ts';
import { converse, lateText, type Wire, WrongAnswer } from './wire.ts';

/** Classes and codes of SQLSTATE that a server answers which works, but not for this login. */
const LOGIN_REFUSED = /^(28\w{3}|3D000|42501)$/;
/** The part of them that says that the login is wrong on this kind of connection. */
const NO_ENTRY = '28000';
const NONCE_BYTES = 18;
/** Far more logins than a host has; when there are more the keys are derived anew. */
const MAX_KEYS = 256;

const CONSENT = 'S'.charCodeAt(0);
const REFUSAL = 'N'.charCodeAt(0);
/** How a server begins that has never heard of TLS. */
const ERROR = 'E'.charCodeAt(0);

type Role = 'primary' | 'standby';

/**
 * Logs in and asks for the role. Where any role will do, a server that refuses the login is well: it works, for others.
 * TLS where the server has it, whatever its certificate; else, and where it does not let us in with TLS, without, as its
 * own clients do.
 *
 * The output begins with `primary` or `standby` where the role was found.
 */
export class PostgresProbe implements Probe<PostgresCheck> {
  readonly #random: Random;
  readonly #keys = new Map<string, ScramKeys>();

  constructor(random: Random) {
    this.#random = random;
  }

  async run(probe: PostgresCheck, context: ProbeContext, signal: AbortSignal): Promise<ProbeOutcome> {
    let password: string | undefined;
    try {
      if (probe.passwordFile !== '') password = await readPassword(probe.passwordFile, signal);
    } catch (error) {
      return failed(`the file with the password cannot be read: ${messageOf(error)}`);
    }
    // A socket would connect all the same.
    if (signal.aborted) return failed(lateText(probe, context.timeoutMs, false));
    const tls = { plainMayDo: false };
    const look = (secure: boolean): Promise<ProbeOutcome> =>
      converse(probe, context.timeoutMs, signal, async (wire) => {
        const reader = await begin(wire, secure, () => (tls.plainMayDo = true));
        try {
          await this.#logIn(wire, reader, probe, password);
        } catch (error) {
          tls.plainMayDo &&= error instanceof PostgresRefusal && error.code === NO_ENTRY;
          return withoutRole(probe, error);
        }
        tls.plainMayDo = false;
        return judge(probe, await roleOf(wire, reader));
      });
    const outcome = await look(true);
    if (outcome.ok || !tls.plainMayDo || signal.aborted) return outcome;
    const plain = await look(false);
    return plain.ok ? plain : outcome;
  }

  async #logIn(
    wire: Wire,
    reader: PostgresReader,
    { host, port, user, database }: PostgresCheck,
    password: string | undefined,
  ): Promise<void> {
    const whose = JSON.stringify([host, port, user]);
    const keys = this.#keys.get(whose) ?? new ScramKeys();
    if (this.#keys.size >= MAX_KEYS) this.#keys.clear();
    this.#keys.set(whose, keys);
    const parameters = { user, database, application_name: 'vippool-check', client_encoding: 'UTF8' };
    wire.write(startup(Object.entries(parameters).flat()));
    await logIn(wire, reader, { user, password, keys, nonce: this.#random.hex(NONCE_BYTES) });
  }
}

/** A connection with TLS where the server has it. @param secured called where it says that it has */
async function begin(wire: Wire, tls: boolean, secured: () => void): Promise<PostgresReader> {
  if (!tls) return new PostgresReader(wire);
  wire.write(tlsRequest());
  const answer = await wire.read(1);
  switch (answer.readUInt8(0)) {
    case CONSENT:
      // Whatever came in the clear counts for nothing later.
      if (wire.hasUnread) throw notPostgres();
      secured();
      await wire.secured();
      return new PostgresReader(wire);
    case REFUSAL:
      return new PostgresReader(wire);
    case ERROR:
      // It is too busy even for that.
      throw await refusalIn(new PostgresReader(wire, answer));
    default:
      throw notPostgres();
  }
}

async function refusalIn(reader: PostgresReader): Promise<Error> {
  const { text } = errorIn((await reader.next()).content);
  return new WrongAnswer(`refuses connections: ${text}`);
}

async function roleOf(wire: Wire, reader: PostgresReader): Promise<Role> {
  wire.write(clientMessage('Q', 'select pg_is_in_recovery()\0'));
  let value = '';
  for (;;) {
    const { type, content } = await reader.next();
    if (type === 'E') throw new WrongAnswer(`does not say whether it is in recovery: ${errorIn(content).text}`);
    if (type === 'D') value = valueIn(content);
    else if (type === 'R' || type === 'K') throw unexpected();
    if (type !== 'Z') continue;
    // A word of farewell keeps the server's log clean.
    wire.write(clientMessage('X', ''));
    if (value !== 't' && value !== 'f') throw new WrongAnswer('does not say whether it is in recovery');
    return value === 't' ? 'standby' : 'primary';
  }
}

function judge(probe: PostgresCheck, role: Role): ProbeOutcome {
  const wanted = probe.role.toLowerCase();
  if (wanted === 'any' || wanted === role) return passed(`${role} at ${endpointText(probe)}`);
  return failed(`${role}, wanted ${wanted}, at ${endpointText(probe)}`);
}

/** What a login that was not to be says about the server. Throws what says nothing. */
function withoutRole(probe: PostgresCheck, error: unknown): ProbeOutcome {
  const to = endpointText(probe);
  if (error instanceof LoginWanted) {
    if (probe.role === 'Any') return passed(`${to} asks for a login, which is an answer`);
    return failed(`${to} asks for the password of "${probe.user}": name the file that has it in passwordFile`);
  }
  if (!(error instanceof PostgresRefusal)) throw error;
  if (LOGIN_REFUSED.test(error.code) && probe.role === 'Any') {
    return passed(`${to} answers, but refuses the login: ${error.message}`);
  }
  return failed(`${to}: ${error.message}`);
}
