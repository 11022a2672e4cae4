import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, type ZlibOptions, zstdDecompress } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { SyncError } from '../engine/errors.ts';
import type { Json } from '../engine/json.ts';
import type { TextFormat } from '../engine/text-format.ts';
import { hideSecrets, hideSecretsIn, holdsSecret } from './hide-secrets.ts';
import { parseFormat } from './parse-format.ts';
import { parseJson } from './parse-json.ts';

type Decoder = (bytes: Buffer, options: Pick<ZlibOptions, 'maxOutputLength'>) => Promise<Buffer>;

const gunzipAsync: Decoder = promisify(gunzip);
const inflateAsync: Decoder = promisify(inflate);
const inflateRawAsync: Decoder = promisify(inflateRaw);
const brotliAsync: Decoder = promisify(brotliDecompress);
const zstdAsync: Decoder = promisify(zstdDecompress);

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', gunzipAsync],
  ['x-gzip', gunzipAsync],
  // Named after zlib's format, but sent without its frame by some.
  ['deflate', (bytes, options) => (((bytes[0] ?? 0) & 0x0f) === 8 ? inflateAsync(bytes, options) : inflateRawAsync(bytes, options))],
  ['br', brotliAsync],
  ['zstd', zstdAsync],
]);
export const ACCEPT_ENCODING = 'gzip, deflate, br, zstd';

export interface ReadAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
  /** Of the body, unpacked. */
  readonly bytes: number;
}

export interface ReadOptions {
  /** Connection name, for messages. */
  readonly name: string;
  readonly maxBytes: number;
  /** How the body is written, where it is no JSON. */
  readonly as?: TextFormat | undefined;
  /** Credentials that the API may repeat in its headers and links: they never go further. */
  readonly secrets?: readonly (string | undefined)[] | undefined;
  /** Those of them that are left out of the body of a 2xx, too. A short password is a word that a record may hold. */
  readonly secretsInBody?: readonly string[] | undefined;
}

/**
 * Reads an untrusted answer: capped in size (also unpacked) and depth; JSON where it is JSON, else text; null where it is empty. Of a refusal (400 and up) the status is what
 * counts: its body is null where it cannot be read.
 * @throws SyncError CONTRACT_BROKEN; undici's errors where the connection breaks
 */
export async function readAnswer(answer: Dispatcher.ResponseData, options: ReadOptions): Promise<ReadAnswer> {
  const { statusCode: status } = answer;
  const headers = withoutSecrets(lowerCased(answer.headers), options.secrets);
  try {
    const raw = await readCapped(answer.body, options);
    const bytes = await unpack(raw, headers['content-encoding']?.trim().toLowerCase(), options);
    return {
      status,
      headers,
      body: parseBody(decode(bytes, headers['content-type']), status < 400, options),
      bytes: bytes.length,
    };
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

async function unpack(raw: Buffer, encoding: string | undefined, options: ReadOptions): Promise<Buffer> {
  if (raw.length === 0 || encoding === undefined || encoding === '' || encoding === 'identity') return raw;
  const decoder = DECODERS.get(encoding);
  if (decoder === undefined) throw broken(`${options.name} answered in an encoding that was not asked for (${encoding}).`);
  try {
    return await decoder(raw, { maxOutputLength: options.maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(options);
    throw broken(`${options.name} answered with a body that cannot be unpacked (${encoding}).`, error);
  }
}

/** UTF-8 unless the answer names another encoding that is known. */
function decode(bytes: Buffer, contentType: string | undefined): string {
  const charset = /charset="?([\w-]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  if (charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii') return bytes.toString('utf8');
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

const FORMAT_NAMES: Readonly<Record<TextFormat, string>> = { ndjson: 'NDJSON', csv: 'CSV with a header', xml: 'well-formed XML' };

/** Whatever its content type says: APIs send JSON as text, and pages of HTML as JSON. */
function parseBody(text: string, isGood: boolean, { name, as, secretsInBody = [] }: ReadOptions): Json {
  const secrets = isGood ? secretsInBody : [];
  const trimmed = text.trim();
  if (trimmed === '' && (as === undefined || as === 'xml')) return null;
  const formatted = as === undefined ? undefined : parseFormat(text, as);
  if (as !== undefined && isGood && formatted?.is === 'not-json') throw broken(`${name} answered what is no ${FORMAT_NAMES[as]}.`);
  // Refusals of such an API may be JSON, or words.
  const parsed = formatted?.is === 'json' ? formatted : parseJson(trimmed);
  if (parsed.is === 'too-deep') throw broken(`${name} answered JSON nested more than ${parsed.maxDepth} levels deep.`);
  const body = parsed.is === 'json' ? parsed.value : text;
  return holdsSecret(text, secrets) ? hideSecretsIn(body, secrets, '') : body;
}

function tooLarge({ name, maxBytes }: ReadOptions): SyncError {
  const size = maxBytes >= 1_000_000 ? `${Math.round(maxBytes / 1_000_000)} MB` : `${Math.round(maxBytes / 1_000)} KB`;
  return broken(`${name} answered more than ${size}: ask for smaller pages, or raise maxAnswerBytes.`);
}

function broken(message: string, cause?: unknown): SyncError {
  return new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message, cause });
}
