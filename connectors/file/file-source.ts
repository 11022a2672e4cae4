import type { FileRule } from '../../definition/schema/file.ts';
import { compositeKey } from '../../engine/composite-key.ts';
import { SyncError } from '../../engine/errors.ts';
import type { Page, RequestObserver, Source, SourceRecord, UnreadableRecord } from '../ports.ts';
import { timed } from '../timed.ts';
import { refuseUtf16 } from './file-head.ts';
import type { FilePart } from './file-part.ts';
import { type FilePlace, filesOf, fullPath, placeCursor, readPlace, refuseChange, versionOf } from './file-place.ts';
import { readCsv } from './read-csv.ts';
import { type JsonMemory, readJson } from './read-json.ts';
import { readNdjson } from './read-ndjson.ts';

const DEFAULT_RECORDS = 1_000;
const FORMATS: readonly (readonly [ending: RegExp, format: NonNullable<FileRule['format']>])[] = [
  [/\.(?:csv|tsv|txt)$/i, 'csv'],
  [/\.(?:ndjson|jsonl)$/i, 'ndjson'],
  [/\.json$/i, 'json'],
];

export interface FileSourceOptions {
  readonly folder: string;
  readonly connection: string;
  readonly objectName: string;
  readonly rule: FileRule;
  readonly observer: RequestObserver | undefined;
  readonly memory: JsonMemory;
}

/** Reads the records of files, one file after another, a page at a time. Where a page ended is a byte of a file: a run that was killed goes on there. */
export function openFileSource(options: FileSourceOptions): Source {
  const { folder, rule } = options;
  const where = `${options.connection}.${options.objectName}`;
  const limit = rule.pageRecords ?? DEFAULT_RECORDS;

  const readPage: Source['readPage'] = ({ cursor, signal }) =>
    timed(options, 'READ', async () => {
      const observedAt = Date.now();
      const place = readPlace(cursor) ?? firstPlace(options, where);
      if (place === undefined) return { records: [], next: undefined, observedAt, bytes: 0 };
      refuseChange(folder, place, where);
      const part = await readPart(options, place, limit, signal, where);
      refuseChange(folder, place, where);
      const columns = part.columns === undefined ? {} : { columns: [...part.columns] };
      const next = part.isLast ? nextFile(options, place.file, where) : { ...place, at: part.at, line: part.line, ...columns };
      const { records, unreadable } = recordsOf(part, rule.key ?? ['id'], place.file);
      return {
        records,
        next: next === undefined ? undefined : placeCursor(next),
        observedAt,
        bytes: Math.max(0, part.at - place.at),
        ...(unreadable.length === 0 ? {} : { unreadable }),
      } satisfies Page;
    });

  return { readPage };
}

/** The columns of the first file, also of one without any record; none where its format has no header. */
export async function readColumns(options: FileSourceOptions, signal?: AbortSignal): Promise<readonly string[]> {
  const where = `${options.connection}.${options.objectName}`;
  const place = firstPlace(options, where);
  const { columns = [] } = place === undefined ? {} : await readPart(options, place, 1, signal, where);
  return columns.filter((column) => column !== null);
}

/** @throws SYSTEM_UNAVAILABLE where there is no file: one that has not come yet must not look like an empty list */
function firstPlace({ folder, rule }: FileSourceOptions, where: string): FilePlace | undefined {
  const [file] = filesOf(folder, rule.path);
  if (file !== undefined) return beginningOf(folder, file, where);
  throw new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message: `${where}: no file is there that fits ${rule.path}. It is looked for again.` });
}

function nextFile({ folder, rule }: FileSourceOptions, after: string, where: string): FilePlace | undefined {
  const file = filesOf(folder, rule.path).find((one) => one > after);
  return file === undefined ? undefined : beginningOf(folder, file, where);
}

function beginningOf(folder: string, file: string, where: string): FilePlace {
  return { file, at: 0, line: 0, version: versionOf(folder, file, where) };
}

async function readPart(
  { folder, rule, memory }: FileSourceOptions,
  place: FilePlace,
  limit: number,
  signal: AbortSignal | undefined,
  where: string,
): Promise<FilePart> {
  const path = fullPath(folder, place.file);
  if (place.at === 0) refuseUtf16(path, place.file, where);
  const request = { path, file: place.file, place, limit, signal, where };
  const format = rule.format ?? FORMATS.find(([ending]) => ending.test(place.file))?.[1];
  switch (format) {
    case 'csv':
      return readCsv(rule, request);
    case 'ndjson':
      return readNdjson(rule, request);
    case 'json':
      return readJson(rule, request, `${request.path} ${place.version}`, memory);
    default:
      throw new SyncError({
        code: 'DEFINITION_INVALID',
        retry: 'never',
        message: `${where}: the name of ${place.file} does not tell its format: say "format: csv", ndjson or json.`,
      });
  }
}

/** A record without a key cannot be told from others: it is rejected by its line. */
function recordsOf(
  part: FilePart,
  key: readonly string[],
  file: string,
): { readonly records: readonly SourceRecord[]; readonly unreadable: readonly UnreadableRecord[] } {
  const records: SourceRecord[] = [];
  const unreadable = [...part.unreadable];
  for (const { fields, line } of part.rows) {
    const text = compositeKey(key.map((name) => (Object.hasOwn(fields, name) ? fields[name] : undefined)));
    if (text === undefined)
      unreadable.push({
        key: `${file}:${line}`,
        message: `${file}, line ${line}: it has no value in its key (${key.join(', ')})`,
        content: JSON.stringify(fields),
      });
    else records.push({ key: text, fields });
  }
  return { records, unreadable };
}
