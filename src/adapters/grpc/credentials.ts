import { ChannelCredentials, credentials as plain, type ChannelOptions } from '@grpc/grpc-js';
import { constants } from 'node:crypto';
import { createSecureContext, type PeerCertificate, type SecureContextOptions, type TlsOptions } from 'node:tls';
import { type Identity, identityIn } from '../../core/identity.ts';
import { remembered } from '../../core/remembered.ts';
import type { Credentials, KeyMaterial } from '../../ports/credentials.ts';
import { type ConnectionRefusalCause, type Ports, Refusals } from './refusals.ts';
import { errorText } from '../../core/error-text.ts';

/** A handshake that takes longer is given up. */
const HANDSHAKE_MS = 3_000;

/** Without certificate and key: of a client that proves itself by what it says. */
export type ClientMaterial = Partial<KeyMaterial> & Pick<KeyMaterial, 'authorities'>;

/** Whom a client calls, and what it proves itself with. */
export interface CallSecurity {
  readonly credentials: Credentials<ClientMaterial>;
  /** Another one that answers is hung up on, whoever has certified it. */
  readonly expected: Identity;
  readonly refusals: Refusals<ConnectionRefusalCause>;
}

/**
 * How a client proves who it is and makes sure whom it has reached; undefined: not at all, the network is trusted.
 * @param address of the server, for the log
 */
export function channelCredentials(security: CallSecurity | undefined, address: string): ChannelCredentials {
  if (!security) return plain.createInsecure();
  const { credentials, expected, refusals } = security;
  const context = contextOf(credentials.current());
  const checked = ChannelCredentials.createFromSecureContext(context, {
    // The identity is in the certificate; names and addresses of hosts prove nothing.
    checkServerIdentity: (_host, certificate: PeerCertificate) => {
      const found = identityIn(certificate.subjectaltname ?? '');
      if (found === expected) return undefined;
      return new Error(`the certificate speaks for ${found ?? 'nobody'}, not for ${expected}`);
    },
  });
  return new ToldCredentials(checked, (reason) => refusals.refuse('tls', reason, address));
}

/** A name is needed in the handshake, and an address is not allowed to be one. */
export const TLS_CHANNEL_OPTIONS: ChannelOptions = { 'grpc.ssl_target_name_override': 'vippool' };

/** Made once for the same key material: it costs about as much as a handshake. */
const contextOf = remembered((material: ClientMaterial) => createSecureContext(contextOptions(material)));

/** The part of `serverOptions` that changes when key material is renewed. */
export const contextOptions = ({ certificate, privateKey, authorities }: ClientMaterial): SecureContextOptions => ({
  cert: certificate,
  key: privateKey,
  ca: authorities,
  minVersion: 'TLSv1.3',
  // A session that is taken up again shows its certificate to nobody, whatever has changed since.
  secureOptions: constants.SSL_OP_NO_TICKET,
});

/** Of a server that lets in only whom it can verify, or everybody. */
export const serverOptions = (material: KeyMaterial, isOpen: boolean): TlsOptions => ({
  ...contextOptions(material),
  ALPNProtocols: ['h2'],
  requestCert: !isOpen,
  rejectUnauthorized: !isOpen,
  handshakeTimeout: HANDSHAKE_MS,
});

type Connector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/** The library keeps to itself why a handshake failed; with these credentials it is told. */
class ToldCredentials extends ChannelCredentials {
  readonly #inner: ChannelCredentials;
  readonly #tell: (reason: string) => void;

  constructor(inner: ChannelCredentials, tell: (reason: string) => void) {
    super();
    this.#inner = inner;
    this.#tell = tell;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(...given: Parameters<ChannelCredentials['_createSecureConnector']>): Connector {
    const inner = this.#inner._createSecureConnector(...given);
    return {
      connect: async (socket) => {
        try {
          return await inner.connect(socket);
        } catch (error) {
          this.#tell(errorText(error));
          throw error;
        }
      },
      waitForReady: () => inner.waitForReady(),
      getCallCredentials: () => inner.getCallCredentials(),
      destroy: () => inner.destroy(),
    };
  }
}

/** How one end of all our connections proves itself; undefined where the network is trusted. */
export function callSecurity(
  options: Ports & { readonly credentials?: Credentials | undefined },
): (expected: Identity) => CallSecurity | undefined {
  const { credentials } = options;
  const refusals = Refusals.ofConnections(options);
  return (expected) => (credentials ? { credentials, expected, refusals } : undefined);
}
