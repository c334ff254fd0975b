import { absent, type Contradiction, type OptionTable, text } from '../option.ts';
import { integer, path } from '../values/scalars.ts';
import { SECURITY, type SecurityOptions } from './security.ts';

/** How an agent gets its certificate from the controllers. */
export interface EnrolmentOptions {
  /** File of a ServiceAccount token; undefined: the certificate comes from elsewhere. */
  readonly identityToken: string | undefined;
  readonly identityPort: number;
}

export const ENROLMENT: OptionTable<EnrolmentOptions> = {
  identityToken: {
    flag: 'identity-token',
    type: path(),
    default: absent('the certificate comes from elsewhere'),
    meaning:
      'File of a ServiceAccount token of the pod of this agent for the audience "vippool", which the kubelet renews. ' +
      'With this option the agent gets its certificate from the controllers, writes the files of --tls-cert and --tls-key ' +
      'itself, and renews them; it only reads --tls-ca.',
  },
  identityPort: {
    flag: 'identity-port',
    type: integer(1, 65_535),
    default: text('7484'),
    meaning: 'With --identity-token: TCP port on which controllers certify agents.',
  },
};

export function enrolmentContradictions(config: Partial<EnrolmentOptions & SecurityOptions>): readonly Contradiction[] {
  if (config.identityToken === undefined || config.tlsCert !== undefined) return [];
  const message = `is missing beside --${ENROLMENT.identityToken.flag}, which writes this file`;
  return [{ flag: SECURITY.tlsCert.flag, message }];
}
