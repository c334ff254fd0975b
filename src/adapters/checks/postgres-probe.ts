import { Client } from 'pg';
import type { PostgresProbe as PostgresCheck, ProbeOutcome } from '../../core/checks.ts';
import type { Probe } from '../../ports/check-probe.ts';
import { codeOf, endpointText, messageOf, whyNotConnected } from './endpoint.ts';
import { failed, passed } from './outcome.ts';
import { readPassword } from './password-file.ts';
import { PostgresSocket } from './postgres-socket.ts';
import { lateText, WrongAnswer } from './wire.ts';

/** Classes and codes of SQLSTATE that a server answers which works, but not for this login. */
const LOGIN_REFUSED = /^(28\w{3}|3D000|42501)$/;

type Role = 'primary' | 'standby';

/**
 * Logs in and asks for the role. Where any role will do, a server that refuses the login is well: it works, for others.
 *
 * The output begins with `primary` or `standby` where the role was found.
 */
export const postgresProbe: Probe<PostgresCheck> = {
  run: async (probe, { timeoutMs }, signal) => {
    const socket = new PostgresSocket(probe);
    const late = (): ProbeOutcome => failed(lateText(probe, timeoutMs, socket.everConnected));
    if (signal.aborted) return late();
    let cut: () => void = () => undefined;
    const cutOff = new Promise<ProbeOutcome>((resolve) => {
      cut = () => resolve(late());
      signal.addEventListener('abort', cut);
    });
    try {
      return await Promise.race([look(probe, socket, signal), cutOff]);
    } finally {
      signal.removeEventListener('abort', cut);
      socket.destroy();
    }
  },
};

async function look(probe: PostgresCheck, socket: PostgresSocket, signal: AbortSignal): Promise<ProbeOutcome> {
  let password: string;
  try {
    password = probe.passwordFile === '' ? '' : await readPassword(probe.passwordFile);
  } catch (error) {
    return failed(`the file with the password cannot be read: ${messageOf(error)}`);
  }
  // Nobody waits any more, and a socket that was destroyed would connect all the same.
  if (signal.aborted) return failed('');
  const client = new Client({
    host: probe.host,
    port: probe.port,
    user: probe.user,
    database: probe.database,
    // As a function: the library would look for another one in the environment and in the home directory. Without one
    // nothing is tried: the server's log would fill with failed logins.
    password: () => (probe.passwordFile === '' ? Promise.reject(new Error('no password')) : password),
    ssl: false,
    application_name: 'vippool-check',
    stream: () => socket,
  });
  try {
    const role = await roleOf(client);
    // A word of farewell keeps the server's log clean.
    client.end().catch(() => undefined);
    return judge(probe, role);
  } catch (error) {
    return whatFailed(probe, socket, error);
  }
}

async function roleOf(client: Client): Promise<Role> {
  // What goes wrong with the login is told here and nowhere else.
  const broken = new Promise<never>((_, reject) => client.on('error', reject));
  const asked = client
    .connect()
    .then(() => client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby'));
  const { rows } = await Promise.race([asked, broken]);
  const standby = rows[0]?.standby;
  if (typeof standby !== 'boolean') throw new WrongAnswer('does not say whether it is in recovery');
  return standby ? 'standby' : 'primary';
}

function judge(probe: PostgresCheck, role: Role): ProbeOutcome {
  const wanted = probe.role.toLowerCase();
  if (wanted === 'any' || wanted === role) return passed(`${role} at ${endpointText(probe)}`);
  return failed(`${role}, wanted ${wanted}, at ${endpointText(probe)}`);
}

function whatFailed(probe: PostgresCheck, socket: PostgresSocket, error: unknown): ProbeOutcome {
  const to = endpointText(probe);
  const code = codeOf(error);
  if (code === '' && socket.asksForLogin) {
    if (probe.role === 'Any') return passed(`${to} asks for a login, which is an answer`);
    if (probe.passwordFile === '') {
      return failed(`${to} asks for the password of "${probe.user}": name the file that has it in passwordFile`);
    }
  }
  if (LOGIN_REFUSED.test(code) && probe.role === 'Any') {
    return passed(`${to} answers, but refuses the login: ${messageOf(error)}`);
  }
  if (error instanceof WrongAnswer) return failed(`${to} ${error.message}`);
  return failed(whyNotConnected(error, probe) ?? `${to}: ${messageOf(error)}`);
}
