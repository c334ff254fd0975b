// Writes docs/reference/metrics.md from the names of metrics in src and the alerts of the chart.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsReference } from './generate/metrics-reference.ts';
import { REPOSITORY } from './source/files.ts';

writeFileSync(join(REPOSITORY, 'docs/reference/metrics.md'), metricsReference());
