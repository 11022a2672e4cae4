import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { isJsonObject, type Json } from '../../engine/json.ts';

export interface VendorRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of JSON; of a form: its fields by name. */
  readonly body: Json;
  /** When it arrived (ms, monotonic). */
  readonly at: number;
}

export interface VendorAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
  /** In the place of `body`: as it is. */
  readonly text?: string;
  /** The connection is cut in the place of an answer. */
  readonly isLost?: boolean;
}

export type AnswerRequest = (request: VendorRequest) => VendorAnswer | Promise<VendorAnswer>;

/** A real HTTP server on loopback that answers as it is told for the row that runs. */
export class MockVendor {
  /** Of the row that runs. */
  answer: AnswerRequest = () => ({ status: 404, body: { message: 'the kit expects no request' } });
  readonly url: string;
  readonly received: VendorRequest[] = [];
  /** Why it could not answer a request of the row that runs. */
  trouble: unknown;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async start(): Promise<MockVendor> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const vendor = new MockVendor(server, `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`);
    server.on('request', async (incoming, response) => {
      const at = performance.now();
      const pieces: Buffer[] = [];
      for await (const piece of incoming) pieces.push(piece);
      const text = Buffer.concat(pieces).toString();
      const url = new URL(incoming.url ?? '/', vendor.url);
      const { headers, method = '' } = incoming;
      const request = { method, path: url.pathname, query: url.searchParams, headers, text, body: bodyOf(text, headers['content-type'] ?? ''), at };
      vendor.received.push(request);
      const answer = await vendor.#answerOf(request);
      if (answer.isLost === true) {
        response.destroy();
        return;
      }
      const { status = 200, body, text: plain } = answer;
      response.writeHead(status, { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...answer.headers });
      response.end(plain ?? (body === undefined ? undefined : JSON.stringify(body)));
    });
    return vendor;
  }

  async #answerOf(request: VendorRequest): Promise<VendorAnswer> {
    try {
      return await this.answer(request);
    } catch (error) {
      this.trouble ??= error;
      return { status: 400, body: { message: 'the kit cannot answer this' } };
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function bodyOf(text: string, type: string): Json {
  if (text === '') return null;
  if (type.includes('form')) return Object.fromEntries(new URLSearchParams(text));
  try {
    const body: unknown = JSON.parse(text);
    return isJsonObject(body) || Array.isArray(body) ? body : null;
  } catch {
    return null;
  }
}
