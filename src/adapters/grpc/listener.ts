import { createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls';
import { type Identity, identityIn } from '../../core/identity.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Credentials } from '../../ports/credentials.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { ConnectionLimits } from '../../core/connection-limits.ts';
import { contextOptions, serverOptions } from './credentials.ts';
import { type Rate, RateLimit } from '../../core/rate-limit.ts';
import { type ConnectionRefusalCause, plainAddress, Refusals } from './refusals.ts';

export interface ListenerOptions {
  /** "10.0.0.1:7480" or "[2001:db8::1]:7480" */
  readonly listen: string;
  /** Undefined: without encryption, for whoever connects. */
  readonly credentials?: Credentials | undefined;
  /** Who may talk, where it is encrypted: holders of a certificate, which is the default, or anybody who asks for one. */
  readonly clients?: 'certified' | 'anybody' | undefined;
  /** Connections that one address may have open at a time. Default 64. */
  readonly connectionsPerAddress?: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const CONNECTIONS_PER_ADDRESS = 64;
/** Of one certificate; what is older was left behind by a host that went away without a word. */
const CONNECTIONS_PER_IDENTITY = 8;

/** A port that passes on the connections of those that may talk to us, and bounds what everybody can cost us. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #limits: ConnectionLimits;
  readonly #refusals: Refusals<ConnectionRefusalCause>;
  /** By the other end of each: "10.0.0.7:41234". */
  readonly #connections = new Map<string, { readonly socket: Socket; rate?: RateLimit }>();
  readonly #known = new Map<Identity, TLSSocket[]>();
  #tcp: TcpServer | undefined;
  #unwatch: () => void = () => undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#limits = new ConnectionLimits(options.connectionsPerAddress ?? CONNECTIONS_PER_ADDRESS);
    this.#refusals = Refusals.ofConnections(options);
  }

  /** Rejects where the address cannot be bound. */
  async open(onConnection: (socket: Socket) => void): Promise<void> {
    const secured = this.#options.credentials && this.#secure(this.#options.credentials, onConnection);
    const tcp = createTcpServer((socket) => {
      if (!this.#admit(socket)) return;
      if (secured) secured.emit('connection', socket);
      else onConnection(socket);
    });
    this.#tcp = tcp;
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen(targetOf(this.#options.listen), () => {
        tcp.off('error', reject);
        resolve();
      });
    });
  }

  /** Takes no more connections; those that exist go on. */
  close(): void {
    this.#unwatch();
    if (this.#tcp?.listening) this.#tcp.close();
  }

  /** Cuts all connections. */
  cut(): void {
    for (const { socket } of this.#connections.values()) socket.destroy();
  }

  /** Cuts one connection. */
  hangUp(peer: string): void {
    this.#connections.get(peer)?.socket.destroy();
  }

  /** Whether a connection keeps to its rate with a message of this cost. What is left of one that has gone does. */
  keepsTo(rate: Rate, peer: string, cost: number): boolean {
    const connection = this.#connections.get(peer);
    if (!connection) return true;
    connection.rate ??= new RateLimit(rate);
    return connection.rate.take(this.#options.clock.now(), cost);
  }

  #admit(socket: Socket): boolean {
    const { remoteAddress: address = '' } = socket;
    const refusal = this.#limits.admit(address, this.#options.clock.now());
    if (refusal) {
      socket.destroy();
      this.#refusals.refuse(refusal, `connections from ${plainAddress(address)}`, peerOf(socket));
      return false;
    }
    socket.setNoDelay(true);
    // Whoever reads the connection learns of its end; here nothing follows from it.
    socket.on('error', () => undefined);
    const peer = peerOf(socket);
    this.#connections.set(peer, { socket });
    socket.once('close', () => {
      this.#connections.delete(peer);
      this.#limits.release(address);
    });
    return true;
  }

  #secure(credentials: Credentials, onConnection: (socket: Socket) => void): TlsServer {
    const isOpen = this.#options.clients === 'anybody';
    const server = createTlsServer(serverOptions(credentials.current(), isOpen));
    this.#unwatch = credentials.watch(() => server.setSecureContext(contextOptions(credentials.current())));
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      this.#refusals.refuse('tls', reasonOf(error, socket), peerOf(below(socket)));
      socket.destroy();
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      socket.on('error', () => undefined);
      const refuse = (cause: ConnectionRefusalCause, detail: string): void => {
        this.#refusals.refuse(cause, detail, peerOf(socket));
        socket.destroy();
      };
      if (socket.alpnProtocol !== 'h2') return refuse('tls', 'not HTTP/2');
      if (isOpen) return onConnection(socket);
      const identity = identityIn(socket.getPeerCertificate().subjectaltname ?? '');
      if (identity === undefined) return refuse('identity', 'the certificate speaks for nobody');
      this.#keepFew(identity, socket);
      return onConnection(socket);
    });
    return server;
  }

  #keepFew(identity: Identity, socket: TLSSocket): void {
    const all = this.#known.get(identity) ?? [];
    this.#known.set(identity, all);
    all.push(socket);
    socket.once('close', () => {
      all.splice(all.indexOf(socket), 1);
      if (all.length === 0 && this.#known.get(identity) === all) this.#known.delete(identity);
    });
    if (all.length <= CONNECTIONS_PER_IDENTITY) return;
    const [oldest] = all;
    if (!oldest) return;
    this.#refusals.refuse('replaced', `more than ${CONNECTIONS_PER_IDENTITY} of ${identity}`, peerOf(oldest));
    oldest.destroy();
  }
}

/** As grpc names the other end of a call. */
const peerOf = ({ remoteAddress = 'unknown', remotePort = 0 }: Socket): string => `${remoteAddress}:${remotePort}`;

/**
 * A connection whose certificate is refused is destroyed before we hear of it, and has forgotten its other end. The one
 * that it was made of, which was asked for it in the beginning, has not; only this name of Node's own leads to it.
 */
const below = (socket: TLSSocket): Socket => (socket as TLSSocket & { readonly _parent?: Socket })._parent ?? socket;

function targetOf(listen: string): { readonly host: string; readonly port: number } {
  const at = listen.lastIndexOf(':');
  return { host: listen.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(listen.slice(at + 1)) };
}

/** What an administrator can do something about, where the library's words do not say it. */
function reasonOf(error: NodeJS.ErrnoException, { authorizationError }: TLSSocket): string {
  if (authorizationError) return `the certificate is not accepted: ${String(authorizationError)}`;
  switch (error.code ?? '') {
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_HTTP_REQUEST':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'what came is not TLS; has the other side no certificate configured?';
    case 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE':
      return 'the other side has shown no certificate';
    case 'ECONNRESET':
      return 'the other side hung up during the handshake; its own log may say why';
    default:
      return `the handshake failed: ${error.message}`;
  }
}
