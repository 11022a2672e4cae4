import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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
const PLAIN = new Set([undefined, '', 'identity']);

/**
 * Writes the body of an answer into a file as it comes, unpacked: in memory is never more than a piece of it.
 * @returns its bytes
 * @throws SyncError CONTRACT_BROKEN where it is larger than `maxBytes` unpacked; undici's errors where the connection breaks
 */
export async function saveBody(body: Readable, encoding: string | undefined, into: NonNullable<HttpRequest['into']>, name: string): Promise<number> {
  let bytes = 0;
  const count = async function* (pieces: AsyncIterable<Buffer>) {
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > into.maxBytes)
        throw broken(`${name} answered with a file of more than ${Math.round(into.maxBytes / 1_000_000)} MB: raise "maxBytes" of the download.`);
      yield piece;
    }
  };
  const unpacker = UNPACKERS[encoding ?? ''];
  if (unpacker === undefined && !PLAIN.has(encoding)) {
    body.destroy();
    throw broken(`${name} answered in an encoding that was not asked for (${encoding}).`);
  }
  const file = createWriteStream(into.file, { mode: 0o600 });
  await (unpacker === undefined ? pipeline(body, count, file) : pipeline(body, unpacker(), count, file));
  if (!(await isGzip(into.file))) return bytes;
  // Kept packed by the API, and sent as it is.
  bytes = 0;
  const plain = `${into.file}.plain`;
  await pipeline(createReadStream(into.file), createGunzip(), count, createWriteStream(plain, { mode: 0o600 }));
  await rename(plain, into.file);
  return bytes;
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
