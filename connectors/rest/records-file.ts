import { createWriteStream, openAsBlob } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Json } from '../../engine/json.ts';
import type { FileFormat } from './file-text.ts';
import { typeOfFile, writeFilePieces } from './file-text.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

/** Writes records into a temporary file, piece by piece, for the time of the work: never do all of them lie in memory as one text. */
export async function withRecordsFile<Result>(as: FileFormat, records: readonly Json[], where: string, work: (file: Blob) => Promise<Result>): Promise<Result> {
  const folder = makeTemporaryFolder();
  try {
    const path = join(folder, 'records');
    await pipeline(Readable.from(writeFilePieces(as, records, where)), createWriteStream(path, { mode: 0o600 }));
    return await work(await openAsBlob(path, { type: typeOfFile(as) }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
