import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, type ZlibOptions, zstdDecompress } from 'node:zlib';
import { broken, type SizeCap, stoppedMidway, tooLarge } from './answer-trouble.ts';

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
/** With which no text begins (RFC 1952 section 2.3.1). */
const GZIP = Buffer.from([0x1f, 0x8b, 8]);

/** What some write there that packs nothing. */
const NO_CODINGS = new Set(['', 'identity', 'none', 'binary', '7bit', '8bit', 'utf-8', 'utf8', 'us-ascii', 'iso-8859-1', 'aws-chunked']);

/** How a body is packed, by its `Content-Encoding`; undefined where it is not. */
export function codingOf(header: string | undefined): string | undefined {
  const codings = (header ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim());
  const packing = codings.filter((coding) => !NO_CODINGS.has(coding));
  return packing.length === 0 ? undefined : packing.join(', ');
}

/** Unpacks a body by its coding. @throws SyncError CONTRACT_BROKEN */
export async function unpack(raw: Buffer, encoding: string | undefined, cap: SizeCap): Promise<Buffer> {
  if (raw.length === 0 || encoding === undefined) return raw;
  const decoder = DECODERS.get(encoding);
  if (decoder === undefined) throw broken(`${cap.name} answered in an encoding that was not asked for (${encoding}).`);
  return decoded(decoder, raw, encoding, cap);
}

/** A file that is kept packed by gzip is sent as it is, whatever the answer says of its encoding. @throws SyncError CONTRACT_BROKEN */
export async function ungzip(bytes: Buffer, cap: SizeCap): Promise<Buffer> {
  return bytes.subarray(0, GZIP.length).equals(GZIP) ? decoded(gunzipAsync, bytes, 'gzip', cap) : bytes;
}

async function decoded(decoder: Decoder, bytes: Buffer, encoding: string, cap: SizeCap): Promise<Buffer> {
  try {
    return await decoder(bytes, { maxOutputLength: cap.maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(cap);
    if (error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR') throw stoppedMidway(cap.name);
    throw broken(`${cap.name} answered with a body that cannot be unpacked (${encoding}).`, error);
  }
}
