import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TextDecoder } from 'node:util';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { SyncError } from '../engine/errors.ts';
import type { HttpRequest } from './http-client.ts';

const UNPACKERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};
/** With which no text begins (RFC 1952 section 2.3.1). */
const GZIP = Buffer.from([0x1f, 0x8b, 8]);

/** How a body is written: by which coding it is packed, and what decodes a text that is not UTF-8. */
interface WrittenBody {
  readonly packing: string | undefined;
  readonly decoder: TextDecoder | undefined;
}

/**
 * Writes the body of an answer into a file as it comes, unpacked and in UTF-8: in memory is never more than a piece of it.
 * @returns its bytes
 * @throws SyncError CONTRACT_BROKEN where it is larger than `maxBytes` unpacked; undici's errors where the connection breaks
 */
export async function saveBody(body: Readable, { packing, decoder }: WrittenBody, into: NonNullable<HttpRequest['into']>, name: string): Promise<number> {
  let bytes = 0;
  const count = async function* (pieces: AsyncIterable<Buffer>) {
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > into.maxBytes)
        throw broken(`${name} answered with a file of more than ${Math.round(into.maxBytes / 1_000_000)} MB: raise "maxBytes" of the download.`);
      yield piece;
    }
  };
  const unpacker = UNPACKERS[packing ?? ''];
  if (unpacker === undefined && packing !== undefined) {
    body.destroy();
    throw broken(`${name} answered in an encoding that was not asked for (${packing}).`);
  }
  const file = createWriteStream(into.file, { mode: 0o600 });
  await (unpacker === undefined ? pipeline(body, count, file) : pipeline(body, unpacker(), count, file));
  const rewrite = async (by: Transform | ((pieces: AsyncIterable<Buffer>) => AsyncIterable<Buffer>)) => {
    bytes = 0;
    const plain = `${into.file}.plain`;
    await pipeline(createReadStream(into.file), by, count, createWriteStream(plain, { mode: 0o600 }));
    await rename(plain, into.file);
  };
  // Kept packed by the API, and sent as it is.
  if (await isGzip(into.file)) await rewrite(createGunzip());
  if (decoder !== undefined) await rewrite((pieces) => inUtf8(pieces, decoder));
  return bytes;
}

async function* inUtf8(pieces: AsyncIterable<Buffer>, decoder: TextDecoder): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(decoder.decode(piece, { stream: true }));
  yield Buffer.from(decoder.decode());
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(GZIP.length), 0, GZIP.length, 0);
    return bytesRead === GZIP.length && buffer.equals(GZIP);
  } finally {
    await file.close();
  }
}

function broken(message: string): SyncError {
  return new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message });
}
