import { type BigIntStats, globSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { SyncError } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';

/** Where a page of a file ended. Kept in the ledger. */
const placeSchema = z.strictObject({
  /** As the pattern found it. */
  file: z.string(),
  /** Bytes, records of a JSON file. */
  at: z.int().min(0),
  /** Lines before. */
  line: z.int().min(0),
  /** What the file looked like when its first page was read. */
  version: z.string(),
  /** Of a CSV file: what its columns are called; null where one is passed over. */
  columns: z.array(z.string().nullable()).optional(),
});
export type FilePlace = z.output<typeof placeSchema>;

export function readPlace(cursor: Json | undefined): FilePlace | undefined {
  return cursor === undefined ? undefined : placeSchema.parse(cursor);
}

export function placeCursor({ columns, ...place }: FilePlace): Json {
  return { ...place, ...(columns === undefined ? {} : { columns }) };
}

/** The files of a pattern, in the order of their names. */
export function filesOf(folder: string, path: string): readonly string[] {
  if (!/[*?[{]/.test(path)) return [path];
  const found = globSync(path, isAbsolute(path) ? {} : { cwd: folder });
  return found.filter((file) => statOf(fullPath(folder, file))?.isFile() === true).toSorted();
}

export function fullPath(folder: string, file: string): string {
  return isAbsolute(file) ? file : join(folder, file);
}

/** Another one when the file has been written to since, or replaced. @throws SYSTEM_UNAVAILABLE where there is none */
export function versionOf(folder: string, file: string, where: string): string {
  const stat = statOf(fullPath(folder, file));
  if (stat === undefined) {
    const message = `${where}: there is no file ${file}, or it may not be read. It is looked for again.`;
    throw new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message });
  }
  if (!stat.isFile())
    throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: `${where}: ${file} is no file. Name one, or a pattern such as ${file}/*.csv.` });
  return `${stat.ino}-${stat.size}-${stat.mtimeNs}`;
}

/** What was read of it may have been of two versions. */
export function refuseChange(folder: string, { file, version }: Pick<FilePlace, 'file' | 'version'>, where: string): void {
  if (versionOf(folder, file, where) === version) return;
  const message = `${where}: ${file} was changed while it was read. Put files there under another name first, and rename them when they are whole.`;
  throw new SyncError({ code: 'CURSOR_EXPIRED', retry: 'backoff', message });
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
