import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Parsed JSON, or the parts of a form by their names, files with theirs; undefined where there is no body. */
  readonly body: unknown;
  readonly authorization: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** As load balancers of vendors have it. Node's five seconds end connections that a busy client is about to use. */
export const KEEP_ALIVE_MS = 75_000;

/** Cuts the connection instead of answering. */
export const CUT = 'cut' as const;

export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves JSON on loopback. @throws Error with a sentence where the port cannot be had */
export async function serveJson(port: number, handle: (request: Request) => Promise<Answer | typeof CUT>): Promise<RunningServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) => {
    answerOne(message, response, handle).catch(() => message.socket.destroy());
  });
  const boundPort = await new Promise<number>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`Port ${port} cannot be listened on: ${error.message}. Choose another, or 0 for any.`)));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
  return {
    url: `http://127.0.0.1:${boundPort}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerOne(message: IncomingMessage, response: ServerResponse, handle: (request: Request) => Promise<Answer | typeof CUT>): Promise<void> {
  const url = new URL(message.url ?? '/', 'http://sandbox');
  const { 'content-type': type = '' } = message.headers;
  const bytes = await readAll(message);
  const body = type.startsWith('multipart/form-data') ? { value: await readForm(bytes, type) } : parse(bytes.toString('utf8'));
  const { authorization, 'idempotency-key': key } = message.headers;
  const idempotencyKey = typeof key === 'string' ? key : undefined;
  const answer: Answer | typeof CUT =
    body === undefined
      ? { status: 400, body: { status: 'error', message: 'Invalid input JSON' } }
      : await handle({ method: message.method ?? 'GET', path: url.pathname, query: url.searchParams, body: body.value, authorization, idempotencyKey });
  if (answer === CUT) {
    message.socket.destroy();
    return;
  }
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  response.writeHead(answer.status, { 'content-type': 'application/json;charset=utf-8', ...answer.headers });
  response.end(text);
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

async function readForm(bytes: Buffer, type: string): Promise<Record<string, unknown>> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  const parts = [...form].map(async ([name, part]) => [name, typeof part === 'string' ? part : { fileName: part.name, text: await part.text() }] as const);
  return Object.fromEntries(await Promise.all(parts));
}

/** @returns undefined where it is not JSON */
function parse(text: string): { readonly value: unknown } | undefined {
  if (text === '') return { value: undefined };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
