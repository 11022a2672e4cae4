import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { SyncError } from '../engine/errors.ts';
import type { Json } from '../engine/json.ts';

const DECODERS = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) } as const;
/** Deeper JSON is no record but an attack, or a mistake. */
const MAX_DEPTH = 200;
/** Ids longer than a double can hold: kept as text rather than silently changed. */
const LONG_INTEGER = /[:[,]\s*-?\d{16,}/;

export interface ReadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
  readonly bytes: number;
}

/** Reads an untrusted answer: capped in size (also unpacked) and depth, JSON where it is JSON, else text. @throws SyncError CONTRACT_BROKEN */
export async function readAnswer(answer: Dispatcher.ResponseData, maxBytes: number, name: string): Promise<ReadAnswer> {
  const headers: Record<string, string> = {};
  for (const [header, value] of Object.entries(answer.headers)) if (value !== undefined) headers[header.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  const raw = await readCapped(answer.body, maxBytes, name);
  const bytes = await unpack(raw, headers['content-encoding'], maxBytes, name);
  return { status: answer.statusCode, headers, body: parseBody(bytes.toString('utf8'), name), bytes: bytes.length };
}

async function readCapped(body: Dispatcher.ResponseData['body'], maxBytes: number, name: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body) {
    const bytes = Buffer.from(piece);
    size += bytes.length;
    if (size > maxBytes) {
      body.destroy();
      throw tooLarge(name, maxBytes);
    }
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

async function unpack(raw: Buffer, encoding: string | undefined, maxBytes: number, name: string): Promise<Buffer> {
  if (raw.length === 0 || encoding === undefined || !Object.hasOwn(DECODERS, encoding)) return raw;
  const decode = DECODERS[encoding as keyof typeof DECODERS]; // checked just above
  try {
    return await decode(raw, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(name, maxBytes);
    throw broken(`${name} answered with a body that cannot be unpacked (${encoding}).`);
  }
}

function parseBody(text: string, name: string): Json {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  try {
    const parsed: Json = LONG_INTEGER.test(trimmed) ? JSON.parse(trimmed, keepLongIntegers) : JSON.parse(trimmed);
    if (isDeeper(parsed, MAX_DEPTH)) throw broken(`${name} answered JSON nested more than ${MAX_DEPTH} levels deep.`);
    return parsed;
  } catch (error) {
    if (error instanceof SyncError) throw error;
    return text;
  }
}

function keepLongIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined && /^-?\d+$/.test(context.source) ? context.source : value;
}

function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const part of Object.values(value)) if (isDeeper(part, levels - 1)) return true;
  return false;
}

function tooLarge(name: string, maxBytes: number): SyncError {
  return broken(`${name} answered more than ${Math.round(maxBytes / 1_000_000)} MB: ask for smaller pages, or raise maxAnswerBytes.`);
}

function broken(message: string): SyncError {
  return new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message });
}
