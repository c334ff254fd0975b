/** A HolderAsker, driven by its parent. */
import { childOptions, serve } from './child.ts';
import { HolderAsker, type AskerOptions } from './holder-asker.ts';

const asker = new HolderAsker(childOptions() as AskerOptions);
asker.start();
serve({
  setVips: (vips: readonly string[]) => asker.setVips(vips),
  results: (sinceMs: number) => asker.results(sinceMs),
  now: () => asker.now(),
});
