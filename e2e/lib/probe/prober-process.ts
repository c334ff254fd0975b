/** A Prober, driven by its parent. */
import { childOptions, serve } from './child.ts';
import { Prober, type ProberOptions } from './prober.ts';

const prober = new Prober(childOptions() as ProberOptions);
prober.start();
serve({
  setVips: (vips: readonly string[]) => prober.setVips(vips),
  results: (sinceMs: number) => prober.settledResults(sinceMs),
  summary: (sinceMs: number) => prober.results(sinceMs),
});
