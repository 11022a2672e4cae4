import type { Dispatcher } from 'undici';
import type { Json } from '../engine/json.ts';
import { type SizeCap, tooLarge } from './answer-trouble.ts';
import { decoderOf } from './charset.ts';
import { hideSecrets, holdsSecret } from './hide-secrets.ts';
import type { HttpRequest } from './http-client.ts';
import { type BodyOptions, parseBody } from './parse-body.ts';
import { saveBody } from './save-body.ts';
import { codingOf, unpack } from './unpack.ts';

export interface ReadAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
  /** Of the body, unpacked. */
  readonly bytes: number;
}

export interface ReadOptions extends SizeCap, BodyOptions {
  /** Where the body of a good answer goes, in the place of memory. */
  readonly into?: HttpRequest['into'];
  /** The answer may be asked for once more. */
  readonly isRead?: boolean;
  /** Credentials that the API may repeat in its headers and links: they never go further. */
  readonly secrets?: readonly (string | undefined)[] | undefined;
}

/**
 * Reads an untrusted answer: capped in size (also unpacked) and depth; JSON where it is JSON, else text; null where it is empty. Of a refusal (400 and up) the status is what
 * counts: its body is null where it cannot be read.
 * @throws SyncError CONTRACT_BROKEN; undici's errors where the connection breaks
 */
export async function readAnswer(answer: Dispatcher.ResponseData, options: ReadOptions): Promise<ReadAnswer> {
  const { statusCode: status } = answer;
  const headers = withoutSecrets(lowerCased(answer.headers), options.secrets);
  const encoding = codingOf(headers['content-encoding']);
  if (options.into !== undefined && status < 300) {
    const written = { packing: encoding, decoder: decoderOf(options.encoding, headers['content-type']) };
    return { status, headers, body: null, bytes: await saveBody(answer.body, written, options.into, options.name) };
  }
  try {
    const raw = await readCapped(answer.body, options);
    const bytes = await unpack(raw, encoding, options);
    const told = { isGood: status < 400, contentType: headers['content-type'], isRead: options.isRead };
    return { status, headers, ...(await parseBody(bytes, told, options)) };
  } catch (error) {
    if (status < 400) throw error;
    return { status, headers, body: null, bytes: 0 };
  }
}

function lowerCased(received: Dispatcher.ResponseData['headers']): Readonly<Record<string, string>> {
  const entries = Object.entries(received).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return Object.fromEntries(entries);
}

function withoutSecrets(headers: Readonly<Record<string, string>>, secrets: ReadOptions['secrets'] = []): Readonly<Record<string, string>> {
  if (!holdsSecret(Object.values(headers).join('\n'), secrets)) return headers;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, hideSecrets(value, secrets, '')]));
}

async function readCapped(body: Dispatcher.ResponseData['body'], options: ReadOptions): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  // Leaving the loop by an error closes the connection: the rest is not read.
  for await (const piece of body) {
    const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(piece);
    size += bytes.length;
    if (size > options.maxBytes) throw tooLarge(options);
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}
