import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of a program in KUBEBUILDER_ASSETS or PATH; undefined where neither has it. */
export function findBinary(name: string): string | undefined {
  const { KUBEBUILDER_ASSETS = '', PATH = '' } = process.env;
  return [KUBEBUILDER_ASSETS, ...PATH.split(delimiter)]
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
