import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { SyncError } from '../../engine/errors.ts';
import { answerCodecRequest } from '../../payloads/codec-requests.ts';
import { EncryptionCodec } from '../../payloads/encryption-codec.ts';
import type { PayloadKey } from '../../payloads/payload-keys.ts';

/** More than Temporal lets a payload be, many times. */
const MAX_BYTES = 32_000_000;
const REQUEST_TIMEOUT_MS = 30_000;

export interface CodecServerOptions {
  readonly host: string;
  readonly port: number;
  readonly keys: readonly PayloadKey[];
  /** The one page that may ask from within a browser: scheme, host and port of the Web UI. */
  readonly origin: string;
  /** Asked for as `Authorization: Bearer …`; absent: whoever reaches the port may ask. */
  readonly token: string | undefined;
}

/** Listens for the remote codec protocol: POST /encode and /decode. @returns the server, once it listens */
export async function startCodecServer(options: CodecServerOptions): Promise<Server> {
  const codec = new EncryptionCodec(options.keys);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    answer(options, codec, request, response).catch((error: unknown) => end(response, error instanceof SyncError ? 422 : 500, wordsOf(error)));
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return server;
}

async function answer(options: CodecServerOptions, codec: EncryptionCodec, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { origin } = request.headers;
  // A page of another origin, also one that has had its name point here, is told nothing.
  if (origin !== undefined && origin !== options.origin) return end(response, 403, `Only ${options.origin} may ask from a browser.`);
  if (origin !== undefined) allowOrigin(response, origin);
  if (request.method === 'OPTIONS') return end(response, 204, '');
  const direction = directionOf(request.url ?? '');
  if (direction === undefined) return end(response, 404, 'There are /encode and /decode.');
  if (request.method !== 'POST') return end(response, 405, 'Send a POST.');
  if (!isAllowed(request.headers.authorization, options.token)) return end(response, 401, 'The bearer token is missing, or another one.');
  const text = await read(request);
  if (text === undefined) return end(response, 413, `More than ${MAX_BYTES} bytes.`);
  const body = await answerCodecRequest(codec, direction, parse(text));
  if (body === undefined) return end(response, 400, 'The body is no list of payloads in JSON.');
  response.setHeader('content-type', 'application/json');
  end(response, 200, body);
}

function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-methods', 'POST, OPTIONS');
  response.setHeader('access-control-allow-headers', 'content-type, authorization, x-namespace');
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('vary', 'origin');
}

/** The Web UI and the CLI put what was configured before it. */
function directionOf(url: string): 'encode' | 'decode' | undefined {
  const path = url.split('?')[0] ?? '';
  return path.endsWith('/encode') ? 'encode' : path.endsWith('/decode') ? 'decode' : undefined;
}

function isAllowed(header: string | undefined, token: string | undefined): boolean {
  if (token === undefined) return true;
  const [given, wanted] = [Buffer.from(header ?? ''), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** What is too much is read to its end, so that the answer can be. @returns undefined where it is */
async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= MAX_BYTES) chunks.push(bytes);
  }
  return size > MAX_BYTES ? undefined : Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function end(response: ServerResponse, status: number, body: string): void {
  if (!response.headersSent) response.writeHead(status);
  response.end(body);
}

function wordsOf(error: unknown): string {
  return error instanceof SyncError ? error.message : 'The request could not be answered.';
}
