import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from './certificates.ts';

const UNAUTHENTICATED = '16';
const DEADLINE_EXCEEDED = '4';

/** What becomes of the answer to a call. */
export interface CallTrouble {
  readonly delayMs: number;
  /** The server did as it was asked, and the caller is told that time is up. */
  readonly isLost?: boolean;
}

export interface TemporalFrontOptions {
  /** host:port of the Temporal server behind it, which speaks without TLS. */
  readonly upstream: string;
  /** @default without TLS */
  readonly certificate?: Certificate;
  /** Only clients with a certificate of this authority get in. */
  readonly clientAuthority?: Certificate;
  /** Only requests with this key are passed on, as Temporal Cloud does it. */
  readonly apiKey?: string;
  /** @param method of the call, such as StartWorkflowExecution */
  trouble?(method: string): CallTrouble | undefined;
}

/** Stands before a Temporal server: TLS as Temporal Cloud has it, with client certificates and API keys; late and lost answers. */
export class TemporalFront {
  readonly #server: Http2SecureServer | Http2Server;
  readonly #trouble: TemporalFrontOptions['trouble'];
  readonly #upstream: ClientHttp2Session;
  readonly #apiKey: string | undefined;
  readonly #sessions = new Set<{ destroy(): void }>();
  /** The requests that were passed on. */
  readonly passed: { readonly method: string; readonly headers: IncomingHttpHeaders }[] = [];
  /** By name, as certificates are for names. */
  address = '';

  private constructor({ upstream, certificate, clientAuthority, apiKey, trouble }: TemporalFrontOptions) {
    const mutual = clientAuthority === undefined ? {} : { ca: clientAuthority.cert, requestCert: true, rejectUnauthorized: true };
    this.#server = certificate === undefined ? createServer() : createSecureServer({ ...certificate, ...mutual });
    this.#trouble = trouble;
    this.#upstream = connect(`http://${upstream}`);
    this.#apiKey = apiKey;
    this.#upstream.on('error', () => undefined);
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('error', () => undefined).on('close', () => this.#sessions.delete(session));
    });
    this.#server.on('stream', (stream, headers) => this.#pass(stream, headers));
  }

  static async start(options: TemporalFrontOptions): Promise<TemporalFront> {
    const front = new TemporalFront(options);
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
      refuse(stream, UNAUTHENTICATED, 'Request unauthorized.');
      return;
    }
    const method = String(headers[':path']).split('/').at(-1) ?? '';
    this.passed.push({ method, headers });
    const trouble = this.#trouble?.(method);
    const request = this.#upstream.request({ ...headers, ':scheme': 'http' });
    request.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    let trailers: IncomingHttpHeaders = {};
    request.on('response', async (answer, flags) => {
      if (trouble !== undefined) await sleep(trouble.delayMs, undefined, { ref: false });
      if (stream.destroyed) return;
      if (trouble?.isLost === true) return refuse(stream, DEADLINE_EXCEEDED, 'context deadline exceeded');
      const isWhole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      stream.respond(answer, isWhole ? { endStream: true } : { waitForTrailers: true });
      if (!isWhole) request.pipe(stream);
    });
    request.on('trailers', (found) => (trailers = found));
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.on('close', () => request.close(constants.NGHTTP2_CANCEL));
    stream.pipe(request);
  }
}

function refuse(stream: ServerHttp2Stream, status: string, message: string): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': status, 'grpc-message': message }, { endStream: true });
}
