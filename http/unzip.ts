import { posix } from 'node:path';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { SyncError } from '../engine/errors.ts';
import { broken, type SizeCap, tooLarge } from './answer-trouble.ts';
import { ungzip } from './unpack.ts';

/** Names of entries in a message. */
const MOST_NAMES = 5;
const MOST_ENTRIES = 10_000;

/**
 * The files of a ZIP archive whose names match a pattern, in the order of the archive; those that are packed by gzip are unpacked, too. All of them together have the size of an answer at most,
 * whatever the archive says of them.
 * @throws SyncError CONTRACT_BROKEN where it is no archive, or none matches
 */
export async function unzip(bytes: Buffer, pattern: string, cap: SizeCap): Promise<readonly Buffer[]> {
  try {
    const archive = await fromBufferPromise(bytes, { lazyEntries: true });
    return await readMatching(archive, pattern, cap);
  } catch (error) {
    if (error instanceof SyncError) throw error;
    throw broken(`${cap.name} answered with what is no ZIP archive, or one that cannot be read.`, error);
  }
}

async function readMatching(archive: ZipFile, pattern: string, { name, maxBytes }: SizeCap): Promise<readonly Buffer[]> {
  const files: Buffer[] = [];
  const others: string[] = [];
  let left = maxBytes;
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    if (!posix.matchesGlob(entry.fileName, pattern)) {
      if (others.length < MOST_NAMES) others.push(entry.fileName);
      continue;
    }
    if (files.length === MOST_ENTRIES) throw broken(`${name} answered with an archive of more than ${MOST_ENTRIES} files that match "${pattern}".`);
    const file = await ungzip(await readEntry(archive, entry, left, { name, maxBytes }), { name, maxBytes });
    left -= file.length;
    if (left < 0) throw tooLarge({ name, maxBytes });
    files.push(file);
  }
  if (files.length > 0) return files;
  const what = others.length === 0 ? 'It is empty.' : `It has: ${others.join(', ')}.`;
  throw broken(`${name} answered with an archive in which nothing matches "${pattern}". ${what}`);
}

async function readEntry(archive: ZipFile, entry: Entry, left: number, cap: SizeCap): Promise<Buffer> {
  if (entry.isEncrypted()) throw broken(`${cap.name} answered with an archive that is locked with a password: that is not read.`);
  const pieces: Buffer[] = [];
  let size = 0;
  // Leaving the loop by an error ends the stream: the rest is not unpacked.
  for await (const piece of await archive.openReadStreamPromise(entry)) {
    const bytes = Buffer.from(piece);
    size += bytes.length;
    if (size > left) throw tooLarge(cap);
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}
