// Fails unless, within 60 s, every controller says that it is ready and exactly one that it is the master.
import { once } from 'node:events';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { text as textOf } from 'node:stream/consumers';

const { CONTROLLERS, SERVER_NAME: servername, AUTHORITY: ca, TOKEN: token } = process.env;
const urls = CONTROLLERS.split(',');
const headers = token ? { authorization: `Bearer ${token.trim()}` } : {};
const ask = async (url, path) => {
  const request = (url.startsWith('https:') ? getSecurely : get)(url + path, {
    headers,
    servername,
    ca,
    signal: AbortSignal.timeout(3_000),
  });
  const [response] = await once(request, 'response');
  const text = await textOf(response);
  if (response.statusCode !== 200) throw new Error(`${path} answers ${response.statusCode}: ${text.trim()}`);
  return text;
};
const look = async (url) => {
  try {
    await ask(url, '/readyz');
    const master = /^vippool_controller_is_master 1$/m.test(await ask(url, '/metrics'));
    return { url, ready: true, master };
  } catch (error) {
    return { url, ready: false, master: false, why: `${error.message} ${error.cause?.message ?? ''}`.trim() };
  }
};
const deadline = Date.now() + 60_000;
for (;;) {
  const seen = await Promise.all(urls.map(look));
  const masters = seen.filter(({ master }) => master).length;
  if (masters === 1 && seen.every(({ ready }) => ready)) {
    console.log(`${seen.length} controllers are ready: ${seen.find(({ master }) => master).url} is the master`);
    break;
  }
  if (Date.now() > deadline) {
    console.error(`of ${seen.length} controllers ${masters} are master, which must be 1`);
    for (const { url, ready, why } of seen) console.error(`${url}: ${ready ? 'ready' : why}`);
    process.exit(1);
  }
  await new Promise((resolve) => setTimeout(resolve, 1_000));
}
