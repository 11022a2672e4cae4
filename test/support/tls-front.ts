import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Certificate } from './certificates.ts';

const UNAUTHENTICATED = '16';

export interface TlsFrontOptions {
  /** host:port of the Temporal server behind it, which speaks without TLS. */
  readonly upstream: string;
  readonly certificate: Certificate;
  /** Only clients with a certificate of this authority get in. */
  readonly clientAuthority?: Certificate;
  /** Only requests with this key are passed on, as Temporal Cloud does it. */
  readonly apiKey?: string;
}

/** TLS before a Temporal server, as Temporal Cloud has it: client certificates, API keys. */
export class TlsFront {
  readonly #server: Http2SecureServer;
  readonly #upstream: ClientHttp2Session;
  readonly #apiKey: string | undefined;
  readonly #sessions = new Set<{ destroy(): void }>();
  /** The requests that were passed on. */
  readonly passed: { readonly method: string; readonly headers: IncomingHttpHeaders }[] = [];
  /** By name, as certificates are for names. */
  address = '';

  private constructor({ upstream, certificate, clientAuthority, apiKey }: TlsFrontOptions) {
    const mutual = clientAuthority === undefined ? {} : { ca: clientAuthority.cert, requestCert: true, rejectUnauthorized: true };
    this.#server = createSecureServer({ ...certificate, ...mutual });
    this.#upstream = connect(`http://${upstream}`);
    this.#apiKey = apiKey;
    this.#upstream.on('error', () => undefined);
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('error', () => undefined).on('close', () => this.#sessions.delete(session));
    });
    this.#server.on('stream', (stream, headers) => this.#pass(stream, headers));
  }

  static async start(options: TlsFrontOptions): Promise<TlsFront> {
    const front = new TlsFront(options);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    const address = front.#server.address();
    if (typeof address === 'object' && address !== null) front.address = `localhost:${address.port}`;
    return front;
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    this.#upstream.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => undefined);
    if (this.#apiKey !== undefined && headers.authorization !== `Bearer ${this.#apiKey}`) {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': UNAUTHENTICATED, 'grpc-message': 'Request unauthorized.' },
        { endStream: true },
      );
      return;
    }
    this.passed.push({ method: String(headers[':path']).split('/').at(-1) ?? '', headers });
    const request = this.#upstream.request({ ...headers, ':scheme': 'http' });
    request.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    let trailers: IncomingHttpHeaders = {};
    request.on('response', (answer, flags) => {
      const isWhole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      if (stream.destroyed) return;
      stream.respond(answer, isWhole ? { endStream: true } : { waitForTrailers: true });
      if (!isWhole) request.pipe(stream);
    });
    request.on('trailers', (found) => (trailers = found));
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.on('close', () => request.close(constants.NGHTTP2_CANCEL));
    stream.pipe(request);
  }
}
