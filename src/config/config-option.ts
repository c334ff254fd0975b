import { absent, type AnyOption } from './option.ts';
import { path } from './values/scalars.ts';

/** The option that every command has: the file that holds the others. It has no key of its own. */
export const CONFIG_OPTION: AnyOption = {
  flag: 'config',
  type: path(),
  default: absent('no file'),
  meaning: 'YAML file with options by their keys in camel case ("leaseDuration: 1s"). Unknown keys are refused.',
};
