import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { ConnectorObject, ExportRule } from '../../definition/schema/connector.ts';
import { parseSize } from '../../engine/duration.ts';
import { SyncError } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';
import type { Page } from '../ports.ts';
import { withChildren } from './export-children.ts';
import { dropExportFile, exportFile } from './export-files.ts';
import { type FileRow, rowsOfFile } from './export-rows.ts';
import type { JobPoll } from './job-look.ts';
import { compileJobRequest } from './job-request.ts';
import { withoutBodies } from './observe.ts';
import { compileRecordReader } from './record-reader.ts';
import { refused } from './refused.ts';
import type { RestSourceOptions } from './rest-source.ts';
import type { PageRead } from './walk-pages.ts';

/** A page of a file: whichever comes first. */
const PAGE_ROWS = 5_000;
const PAGE_BYTES = 8_000_000;
const DEFAULT_MAX_BYTES = 10_000_000_000;

/** `at`: bytes before the page; `size`: of the file, so that another one is not taken for it. */
const placeSchema = z.strictObject({ at: z.int(), size: z.int() });

/** Reads an export that comes as one file: into a temporary file, and from there page by page. Who goes on in another process fetches it again, and goes on at the same row. */
export function compileExportFile(
  { client, connection, observer }: RestSourceOptions,
  rule: ExportRule['download'],
  object: Pick<ConnectorObject, 'primaryKey' | 'values'>,
  askPoll: JobPoll['ask'],
  where: string,
): (read: PageRead) => Promise<Page> {
  const { children } = rule;
  const render = compileJobRequest({ ...rule, as: undefined }, where);
  const insertsPoll = /\bpoll\b/.test(JSON.stringify(rule));
  const reader = compileRecordReader(object, '$', where, rule);
  const maxBytes = parseSize(rule.maxBytes) ?? DEFAULT_MAX_BYTES;
  const quiet = withoutBodies(observer);

  const fetch = async (file: string, job: string, signal: AbortSignal | undefined): Promise<void> => {
    const more = { signal, observer: quiet };
    const rendered = await render({ job, poll: insertsPoll ? await askPoll(job, more) : undefined });
    // Without a link there is nothing to fetch.
    if (rendered === undefined) return writeFile(file, '');
    const { answer, classification } = await client.send({ ...rendered, ...more, into: { file, maxBytes }, isLong: true, repeat: 'read' });
    if (classification.class !== 'success') throw refused(connection, where, answer, classification);
  };

  return async ({ cursor, job = '', madeAt = 0, signal }) => {
    const name = `${connection}/${where}/${job}/${madeAt}`;
    const { path, size } = await exportFile(name, (file) => fetch(file, job, signal));
    const from = cursor === undefined ? { at: 0, size } : placeOf(cursor);
    if (from.size !== size) throw expired(`The file of the export ${where} is another than the one that was read from: another export is asked for.`);
    const plain = rowsOfFile(rule, path, from.at, where);
    const { rows, at } = await takePage(name, children === undefined ? plain : withChildren(plain, children, object.primaryKey, where), from.at);
    const records = await reader.readList(rows);
    const isLast = at >= size || rows.length === 0;
    if (isLast) dropExportFile(name);
    return { records, next: isLast ? undefined : { at, size }, observedAt: madeAt, bytes: at - from.at };
  };
}

async function takePage(name: string, rows: AsyncIterable<FileRow>, from: number): Promise<{ readonly rows: readonly Json[]; readonly at: number }> {
  const taken: Json[] = [];
  let at = from;
  try {
    for await (const { row, end } of rows) {
      taken.push(row);
      at = end;
      if (taken.length >= PAGE_ROWS || at - from >= PAGE_BYTES) break;
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    dropExportFile(name);
    throw new SyncError({
      code: 'SYSTEM_UNAVAILABLE',
      retry: 'backoff',
      message: 'The temporary file of an export has gone from this machine: it is fetched again.',
    });
  }
  return { rows: taken, at };
}

function placeOf(cursor: Json): z.output<typeof placeSchema> {
  const place = placeSchema.safeParse(cursor);
  if (place.success) return place.data;
  throw expired('The saved place in the file of an export does not fit it any more: another export is asked for.');
}

function expired(message: string): SyncError {
  return new SyncError({ code: 'CURSOR_EXPIRED', retry: 'backoff', message });
}
