// Makes the schemas of Kubernetes and of operators that the chart is validated with, where they are missing.
import { makeSchemas } from './chart/kube-schemas.ts';

try {
  process.stdout.write(`kube-schemas ${await makeSchemas()}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
