import type { Problem } from '../core/pool.ts';
import type { Gathered, Given } from './given.ts';
import { variableOf, type AnyOption } from './option.ts';
import { nearest } from './suggest.ts';

/** Variables that Kubernetes sets in every pod for a Service whose name begins with "vippool". */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;

/**
 * The options among the environment variables. An empty variable counts as not set.
 * Options of other commands (`everyFlag`) are let pass, since one environment may serve several; of the rest only what
 * looks like a misspelt option is a problem, since the prefix is not ours alone.
 */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  options: readonly AnyOption[],
  everyFlag: readonly string[],
): Gathered {
  const given: Given[] = [];
  const problems: Problem[] = [];
  const known = new Map(options.map(({ flag }) => [variableOf(flag), flag]));
  const foreign = new Set(everyFlag.map(variableOf));
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('VIPPOOL_') || text === undefined || text === '') continue;
    const flag = known.get(name);
    if (flag !== undefined) {
      given.push({ flag, texts: [text], where: name });
    } else if (!foreign.has(name) && !SERVICE_LINK.test(name)) {
      const meant = nearest(name, [...known.keys()]);
      if (meant !== undefined) problems.push({ path: name, message: `unknown variable; did you mean ${meant}?` });
    }
  }
  return { given, problems };
}
