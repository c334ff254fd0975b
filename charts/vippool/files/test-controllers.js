// Fails unless, within 60 s, every controller says that it is ready and exactly one that it is the master.
const urls = process.env.CONTROLLERS.split(',');
const ask = async (url, path) => {
  const response = await fetch(url + path, { signal: AbortSignal.timeout(3_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answers ${response.status}: ${text.trim()}`);
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
