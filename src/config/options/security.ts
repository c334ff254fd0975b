import { absent, type Contradiction, type OptionTable } from '../option.ts';
import { path } from '../values/scalars.ts';

/** How a process proves who it is, and knows the others. All three or none. */
export interface SecurityOptions {
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly tlsCa: string | undefined;
}

const PLAINTEXT = absent('nothing is encrypted, and everybody is believed');

export const SECURITY: OptionTable<SecurityOptions> = {
  tlsCert: {
    flag: 'tls-cert',
    type: path(),
    default: PLAINTEXT,
    meaning:
      'PEM file of the certificate of this process, with intermediate ones behind it. The URI ' +
      'spiffe://vippool/node/NAME or spiffe://vippool/controller/ID in it is the only one that the process may speak ' +
      'for. Read again when it changes. Made by "vippool certs" or by whatever else.',
  },
  tlsKey: {
    flag: 'tls-key',
    type: path(),
    default: PLAINTEXT,
    meaning: 'PEM file of the private key of --tls-cert.',
  },
  tlsCa: {
    flag: 'tls-ca',
    type: path(),
    default: PLAINTEXT,
    meaning:
      'PEM file of the certificate authority of all agents and controllers; of several while it is being replaced.',
  },
};

export function securityContradictions(config: Partial<SecurityOptions>): readonly Contradiction[] {
  const parts = ['tlsCert', 'tlsKey', 'tlsCa'] as const;
  const given = parts.filter((part) => config[part] !== undefined);
  if (given.length === 0) return [];
  return parts
    .filter((part) => config[part] === undefined)
    .map((part) => {
      const others = given.map((other) => `--${SECURITY[other].flag}`).join(' and ');
      return { flag: SECURITY[part].flag, message: `is missing beside ${others}; give all three or none` };
    });
}
